package dev.lathe.graph;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What a node computes. The family is closed: a new operator is a new record, and the compiler
 * lists the readers that must learn it. Images are [batch, channels, height, width].
 */
public sealed interface Operator {
  /** The weights this operator reads, in order; empty for most. */
  default List<WeightRef> weights() {
    return List.of();
  }

  /** The same operator on other weights: each is replaced by what the function makes of it. */
  default Operator withWeights(UnaryOperator<WeightRef> change) {
    return switch (this) {
      case Conv2d(
              WeightRef weight,
              Optional<WeightRef> bias,
              int stride,
              int padding,
              int groups) ->
          new Conv2d(change.apply(weight), bias.map(change), stride, padding, groups);
      case Linear(WeightRef weight, Optional<WeightRef> bias) ->
          new Linear(change.apply(weight), bias.map(change));
      case BatchNorm(WeightRef scale, WeightRef shift, double epsilon) ->
          new BatchNorm(change.apply(scale), change.apply(shift), epsilon);
      case Activate _, Pool2d _, GlobalAveragePool _, Flatten _, Add _, Multiply _, Concat _ ->
          this;
    };
  }

  /**
   * Convolution with square kernels and equal padding on all sides.
   *
   * @param weight [out, in/groups, k, k]
   * @param bias [out], if any
   */
  record Conv2d(WeightRef weight, Optional<WeightRef> bias, int stride, int padding, int groups)
      implements Operator {
    @Override
    public List<WeightRef> weights() {
      return Stream.concat(Stream.of(weight), bias.stream()).toList();
    }

    public int outChannels() {
      return weight.shape().get(0);
    }

    public int kernel() {
      return weight.shape().get(2);
    }
  }

  /**
   * Matrix product with a vector of features.
   *
   * @param weight [out, in]
   * @param bias [out], if any
   */
  record Linear(WeightRef weight, Optional<WeightRef> bias) implements Operator {
    @Override
    public List<WeightRef> weights() {
      return Stream.concat(Stream.of(weight), bias.stream()).toList();
    }
  }

  /**
   * Batch normalization over all but the channel dimension (Ioffe, Szegedy, arXiv 1502.03167). Its
   * running mean and variance belong to a subnet and are found under the node's name.
   *
   * @param scale [channels]
   * @param shift [channels]
   */
  record BatchNorm(WeightRef scale, WeightRef shift, double epsilon) implements Operator {
    @Override
    public List<WeightRef> weights() {
      return List.of(scale, shift);
    }
  }

  /** An elementwise nonlinear function. */
  record Activate(Activation function) implements Operator {}

  /** Sliding maximum or mean; the mean counts only pixels inside the image. */
  record Pool2d(Kind kind, int kernel, int stride, int padding) implements Operator {
    /** What is taken of a window. */
    public enum Kind {
      MAXIMUM,
      AVERAGE
    }
  }

  /** Mean over height and width: [n, c, h, w] → [n, c, 1, 1]. */
  record GlobalAveragePool() implements Operator {}

  /** All dimensions but the first into one. */
  record Flatten() implements Operator {}

  /** Sum of two tensors of equal shape. */
  record Add() implements Operator {}

  /** Product of two tensors; the second may have height and width 1. */
  record Multiply() implements Operator {}

  /** Tensors one after the other along the channels. */
  record Concat() implements Operator {}
}
