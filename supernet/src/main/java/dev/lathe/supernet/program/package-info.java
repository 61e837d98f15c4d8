/** ONNX graphs as programs for libtorch: compiled once, run and differentiated many times. */
@NullMarked
package dev.lathe.supernet.program;

import org.jspecify.annotations.NullMarked;
