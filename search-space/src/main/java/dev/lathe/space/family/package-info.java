/** The families of spaces that a file can describe. */
@NullMarked
package dev.lathe.space.family;

import org.jspecify.annotations.NullMarked;
