/** Weights as entries of a codebook. */
@NullMarked
package dev.lathe.compress.codebook;

import org.jspecify.annotations.NullMarked;
