/** Weights as products of smaller matrices. */
@NullMarked
package dev.lathe.compress.factor;

import org.jspecify.annotations.NullMarked;
