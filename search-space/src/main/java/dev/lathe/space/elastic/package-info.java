/**
 * A trained ONNX model made elastic: which of its channels can be left out together, which residual
 * branches, which sizes of input, and the networks that are left.
 */
@NullMarked
package dev.lathe.space.elastic;

import org.jspecify.annotations.NullMarked;
