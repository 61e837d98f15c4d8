/** Weights shared by all architectures of a space: training, evaluation, extraction. */
@NullMarked
package dev.lathe.supernet;

import org.jspecify.annotations.NullMarked;
