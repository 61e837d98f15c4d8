/** What a graph gains from rewriting before it is deployed, without changing what it computes. */
@NullMarked
package dev.lathe.onnx.simplify;

import org.jspecify.annotations.NullMarked;
