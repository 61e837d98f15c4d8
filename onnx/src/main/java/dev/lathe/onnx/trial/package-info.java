/**
 * Runs models that nobody vouches for in a child process: one that crashes ONNX Runtime, hangs or
 * exhausts memory ends that child and nothing else.
 */
@NullMarked
package dev.lathe.onnx.trial;

import org.jspecify.annotations.NullMarked;
