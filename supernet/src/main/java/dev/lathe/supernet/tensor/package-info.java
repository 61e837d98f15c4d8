/** Tensors of libtorch, from and to Java's arrays. */
@NullMarked
package dev.lathe.supernet.tensor;

import org.jspecify.annotations.NullMarked;
