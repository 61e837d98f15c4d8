/** ONNX models as things to be read, edited, costed and run: any file, ours or a user's. */
@NullMarked
package dev.lathe.onnx;

import org.jspecify.annotations.NullMarked;
