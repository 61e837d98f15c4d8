package dev.lathe.space.transformer;

import dev.lathe.graph.Initializer;
import dev.lathe.graph.TensorSpec;
import dev.lathe.graph.WeightRef;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.TensorValue;
import dev.lathe.space.program.NetworkBuilder;
import java.util.List;

/** Operations on tokens [batch, tokens, features]. */
final class Tokens {
  private static final float EPSILON = 1e-6f;
  private static final Initializer FIRST = new Initializer.TruncatedNormal(0.02);

  private Tokens() {}

  static int count(NetworkBuilder network, String x) {
    return network.shape(x)[1];
  }

  static int features(NetworkBuilder network, String x) {
    return network.shape(x)[2];
  }

  static String reshape(NetworkBuilder network, String name, String x, long... sizes) {
    String shape = network.constant(TensorValue.int64(name + ".shape", sizes, sizes.length));
    return network.emit("Reshape", name, List.of(x, shape));
  }

  static String transpose(NetworkBuilder network, String name, String x, long... order) {
    return network.emit("Transpose", name, List.of(x), Attribute.ints("perm", order));
  }

  /** Entries from {@code from} to before {@code to} of one axis. */
  static String slice(NetworkBuilder network, String name, String x, int axis, long from, long to) {
    return network.emit(
        "Slice",
        name,
        List.of(
            x,
            network.constant(TensorValue.int64("at" + from, new long[] {from}, 1)),
            network.constant(TensorValue.int64("at" + to, new long[] {to}, 1)),
            network.constant(TensorValue.int64("at" + axis, new long[] {axis}, 1))));
  }

  /** Layer normalization over features (Ba et al., arXiv 1607.06450). */
  static String norm(NetworkBuilder network, String name, String x) {
    int features = features(network, x);
    TensorSpec scale = TensorSpec.vector(List.of(features), Initializer.ones());
    TensorSpec shift = TensorSpec.vector(List.of(features), Initializer.zeros());
    network.same(x, name);
    network.carries(x, name + ".scale", 0, features);
    network.carries(x, name + ".shift", 0, features);
    return network.emit(
        "LayerNormalization",
        name,
        List.of(
            x,
            network.weight(name + ".s", network.leading(name + ".scale", scale)),
            network.weight(name + ".b", network.leading(name + ".shift", shift))),
        Attribute.integer("axis", -1),
        Attribute.floating("epsilon", EPSILON));
  }

  /**
   * x · W + b.
   *
   * @param weight [features of x, features of the result]
   * @param bias [features of the result]
   */
  static String product(
      NetworkBuilder network, String name, String x, WeightRef weight, WeightRef bias) {
    String y =
        network.emit("MatMul", name + ".mm", List.of(x, network.weight(name + ".w", weight)));
    return network.emit("Add", name, List.of(y, network.weight(name + ".b", bias)));
  }

  /** The leading part of a stored matrix, of any number of dimensions. */
  static WeightRef.Slice matrix(NetworkBuilder network, String tensor, Integer... kept) {
    return network.leading(tensor, TensorSpec.weights(List.of(kept), FIRST));
  }

  /** The leading part of a stored vector, of any number of dimensions. */
  static WeightRef.Slice vector(NetworkBuilder network, String tensor, Integer... kept) {
    return network.leading(tensor, TensorSpec.vector(List.of(kept), Initializer.zeros()));
  }
}
