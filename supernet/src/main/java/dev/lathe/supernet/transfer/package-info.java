/**
 * Classifiers for few images: fixed features (image gradients, or a trained network without its
 * head), a linear classifier fitted to them, and both as one ONNX graph.
 */
@NullMarked
package dev.lathe.supernet.transfer;

import org.jspecify.annotations.NullMarked;
