package dev.lathe.graph;

import java.util.List;

/**
 * What a space declares of a stored tensor.
 *
 * @param shape full extent
 * @param initializer its first values
 * @param decays whether weight decay pulls at it
 * @param matrix whether an optimizer for matrices may treat it as [first dimension, all others]
 */
public record TensorSpec(
    List<Integer> shape, Initializer initializer, boolean decays, boolean matrix) {
  public TensorSpec {
    shape = List.copyOf(shape);
  }

  /** A matrix or convolution: it decays, and is a matrix unless it holds one filter a channel. */
  public static TensorSpec weights(List<Integer> shape, Initializer initializer) {
    return new TensorSpec(
        shape, initializer, true, !(initializer instanceof Initializer.KaimingDepthwise));
  }

  /** Scales, shifts, biases and thresholds: no decay. */
  public static TensorSpec vector(List<Integer> shape, Initializer initializer) {
    return new TensorSpec(shape, initializer, false, false);
  }

  /** The number of elements. */
  public long count() {
    return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }
}
