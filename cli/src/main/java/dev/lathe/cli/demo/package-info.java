/** The main job on this machine, with a service and an agent of its own. */
@NullMarked
package dev.lathe.cli.demo;

import org.jspecify.annotations.NullMarked;
