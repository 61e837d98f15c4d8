/** Trains ONNX graphs: whatever a compressor has made of a network goes on learning. */
@NullMarked
package dev.lathe.supernet.onnx;

import org.jspecify.annotations.NullMarked;
