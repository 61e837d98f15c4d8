/**
 * Picture files: what kind they are, how they are turned upright, cut, resized and laid out. What
 * is done here is what a network's metadata promise of its input.
 */
@NullMarked
package dev.lathe.data.picture;

import org.jspecify.annotations.NullMarked;
