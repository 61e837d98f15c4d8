/** The commands of a device: they need nothing of Lathe but this module. */
@NullMarked
package dev.lathe.farm.command;

import org.jspecify.annotations.NullMarked;
