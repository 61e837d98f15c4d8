/** Commands that measure on this machine: the agent of a service, and single measurements. */
@NullMarked
package dev.lathe.cli.farm;

import org.jspecify.annotations.NullMarked;
