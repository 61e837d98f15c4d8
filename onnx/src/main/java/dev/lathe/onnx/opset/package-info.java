/** Raises models to a newer operator set. */
@NullMarked
package dev.lathe.onnx.opset;

import org.jspecify.annotations.NullMarked;
