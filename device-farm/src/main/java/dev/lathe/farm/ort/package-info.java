/**
 * Measures ONNX files on this machine's processor with ONNX Runtime, in a child JVM of its own: a
 * model that crashes, hangs or exhausts memory ends that child and nothing else.
 */
@NullMarked
package dev.lathe.farm.ort;

import org.jspecify.annotations.NullMarked;
