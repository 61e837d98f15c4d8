/** Weights at few bits, rounded with regard to what they multiply. */
@NullMarked
package dev.lathe.compress.rounding;

import org.jspecify.annotations.NullMarked;
