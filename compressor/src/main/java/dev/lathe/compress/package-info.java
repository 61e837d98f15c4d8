/** Compression: an ONNX model in, a smaller and faster one out, with the reasons. */
@NullMarked
package dev.lathe.compress;

import org.jspecify.annotations.NullMarked;
