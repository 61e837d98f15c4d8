/** The blocks of convolutional spaces, each described once, with its paper. */
@NullMarked
package dev.lathe.space.block;

import org.jspecify.annotations.NullMarked;
