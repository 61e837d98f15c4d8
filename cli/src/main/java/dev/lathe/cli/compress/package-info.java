/** Commands that look into ONNX files and compress them on this machine. */
@NullMarked
package dev.lathe.cli.compress;

import org.jspecify.annotations.NullMarked;
