/** Weights set to zero, and channels removed. */
@NullMarked
package dev.lathe.compress.sparse;

import org.jspecify.annotations.NullMarked;
