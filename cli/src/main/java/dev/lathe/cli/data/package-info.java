/** Commands that look at data, and that use a network on pictures. */
@NullMarked
package dev.lathe.cli.data;

import org.jspecify.annotations.NullMarked;
