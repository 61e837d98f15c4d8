/**
 * Networks in fixed-point arithmetic, as FPGAs compute: a binary point a tensor, weights of few
 * signed powers of two, an emulator that is exact to the bit, and C++ that computes the same.
 */
@NullMarked
package dev.lathe.compress.fixed;

import org.jspecify.annotations.NullMarked;
