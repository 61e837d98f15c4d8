package dev.lathe.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Where an operator's weights come from. Shapes follow PyTorch: [out, in/groups, height, width].
 */
public sealed interface WeightRef {
  /** The extent of the referenced weights, one number a dimension. */
  List<Integer> shape();

  /** The number of referenced weights. */
  default long count() {
    return shape().stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }

  /** The parts of stored tensors that this is made of, those that only open gates left out. */
  default Stream<Slice> slices() {
    return switch (this) {
      case Slice slice -> Stream.of(slice);
      case Derived(Derivation _, WeightRef source) -> source.slices();
      case Joined(int _, List<WeightRef> parts) -> parts.stream().flatMap(WeightRef::slices);
      case Reshaped(List<Integer> _, WeightRef source) -> source.slices();
      case Literal _, Moment _ -> Stream.empty();
    };
  }

  /**
   * The same reference, each slice of a stored tensor replaced by what the function makes of it;
   * gates are left as they are.
   */
  default WeightRef mapSlices(UnaryOperator<WeightRef> change) {
    return switch (this) {
      case Slice slice -> change.apply(slice);
      case Derived(Derivation derivation, WeightRef source) ->
          new Derived(derivation, source.mapSlices(change));
      case Joined(int axis, List<WeightRef> parts) ->
          new Joined(axis, parts.stream().map(part -> part.mapSlices(change)).toList());
      case Reshaped(List<Integer> shape, WeightRef source) ->
          new Reshaped(shape, source.mapSlices(change));
      case Literal literal -> literal;
      case Moment moment -> moment;
    };
  }

  /**
   * A box of a tensor that lies in a weight store: channels taken from the front, kernels from the
   * centre, as weight-sharing supernets do (Cai et al., Once-for-All, arXiv 1908.09791).
   *
   * @param tensor name of the stored tensor
   * @param windows one window a dimension
   */
  record Slice(String tensor, List<Window> windows) implements WeightRef {
    public Slice {
      windows = List.copyOf(windows);
    }

    @Override
    public List<Integer> shape() {
      return windows.stream().map(Window::length).toList();
    }

    /** The first {@code lengths[i]} entries of each dimension. */
    public static Slice leading(String tensor, int... lengths) {
      return new Slice(tensor, Arrays.stream(lengths).mapToObj(n -> new Window(0, n)).toList());
    }
  }

  /**
   * Part of one dimension.
   *
   * @param offset first entry, from 0
   * @param length number of entries, at least 1
   */
  record Window(int offset, int length) {
    public Window {
      if (offset < 0 || length < 1) {
        throw new IllegalArgumentException(
            "window [offset %d, length %d] must have offset >= 0 and length >= 1."
                .formatted(offset, length));
      }
    }

    /** The centre of an axis: {@code kept} of {@code full} entries, both odd or both even. */
    public static Window centre(int full, int kept) {
      return new Window((full - kept) / 2, kept);
    }
  }

  /**
   * Weights with values of their own, which are not trained.
   *
   * @param shape extent, one number a dimension
   * @param values row-major values, as many as the shape has entries
   */
  record Literal(List<Integer> shape, List<Float> values) implements WeightRef {
    public Literal {
      shape = List.copyOf(shape);
      values = List.copyOf(values);
      long entries = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
      if (entries != values.size()) {
        throw new IllegalArgumentException(
            "literal of shape %s has %d values.".formatted(shape, values.size()));
      }
    }
  }

  /**
   * Weights computed from other weights, differentiably.
   *
   * @param derivation the computation
   * @param source what it is applied to
   */
  record Derived(Derivation derivation, WeightRef source) implements WeightRef {
    @Override
    public List<Integer> shape() {
      return source.shape();
    }
  }

  /**
   * Weights one after the other along an axis: segments that are cut separately.
   *
   * @param parts of equal shape but for that axis
   */
  record Joined(int axis, List<WeightRef> parts) implements WeightRef {
    public Joined {
      parts = List.copyOf(parts);
      for (WeightRef part : parts) {
        for (int d = 0; d < part.shape().size(); d++) {
          if (d != axis && !part.shape().get(d).equals(parts.getFirst().shape().get(d))) {
            throw new IllegalArgumentException(
                "weights of shape %s and %s cannot be joined along axis %d."
                    .formatted(parts.getFirst().shape(), part.shape(), axis));
          }
        }
      }
    }

    @Override
    public List<Integer> shape() {
      List<Integer> shape = new ArrayList<>(parts.getFirst().shape());
      shape.set(axis, parts.stream().mapToInt(part -> part.shape().get(axis)).sum());
      return List.copyOf(shape);
    }
  }

  /**
   * The same weights in another shape, row-major order kept: of a tensor stored as [in, 3, heads,
   * d], the leading heads as a matrix.
   */
  record Reshaped(List<Integer> shape, WeightRef source) implements WeightRef {
    public Reshaped {
      shape = List.copyOf(shape);
      long entries = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
      if (entries != source.count()) {
        throw new IllegalArgumentException(
            "%s weights cannot be reshaped to %s.".formatted(source.shape(), shape));
      }
    }
  }

  /**
   * Running statistics of a batch norm: not trained, and of each architecture its own. They are
   * found in {@link NormStatistics}.
   *
   * @param norm name of the BatchNormalization node
   */
  record Moment(String norm, Kind kind, int channels) implements WeightRef {
    /** Which of the two. */
    public enum Kind {
      MEAN,
      VARIANCE
    }

    @Override
    public List<Integer> shape() {
      return List.of(channels);
    }
  }

  /** A computation on weights. */
  sealed interface Derivation {
    /**
     * Symmetric quantization to {@code bits} bits and back, one scale for each output channel, with
     * the straight-through gradient (Jacob et al., arXiv 1712.05877).
     */
    record FakeQuantization(int bits) implements Derivation {
      public FakeQuantization {
        if (bits < 2 || bits > 16) {
          throw new IllegalArgumentException("bits must lie in 2 to 16, not %d.".formatted(bits));
        }
      }
    }

    /**
     * What lies in a box stays as it is, the rest is multiplied by gates: of superkernels and the
     * batch norms behind them.
     *
     * @param gates whose product is the factor, at least one
     * @param always the box, one window a dimension; none if everything is gated
     */
    record Gated(List<Gate> gates, List<Window> always) implements Derivation {
      public Gated {
        gates = List.copyOf(gates);
        always = List.copyOf(always);
        if (gates.isEmpty()) {
          throw new IllegalArgumentException("gated weights need at least one gate.");
        }
      }
    }

    /** Times a constant: trained as if with the learning rate times the constant squared. */
    record Scaled(double factor) implements Derivation {}

    /**
     * 0 in a box, the rest as it is.
     *
     * @param box one window a dimension
     */
    record Outside(List<Window> box) implements Derivation {
      public Outside {
        box = List.copyOf(box);
      }
    }
  }

  /** A factor that is 0 or 1. */
  sealed interface Gate {
    /**
     * Open where a norm reaches a threshold: 1 if ‖weights‖₂ ÷ unit − threshold ≥ 0, else 0; the
     * gradient is that of the sigmoid of the difference, straight through (Stamoulis et al.,
     * Single-Path NAS, arXiv 1904.02877).
     *
     * @param threshold of shape [1], trainable
     * @param unit the norm that counts as 1, greater than 0
     * @param learnsOpen whether gradients pass while the gate is open; while it is closed they do
     */
    record OfNorm(WeightRef weights, WeightRef threshold, double unit, boolean learnsOpen)
        implements Gate {
      public OfNorm {
        if (!(unit > 0)) {
          throw new IllegalArgumentException("the unit of a norm must be > 0, not " + unit);
        }
      }
    }

    /** A gate that is held closed whatever its weights; gradients pass to them nevertheless. */
    record Closed(OfNorm gate) implements Gate {}
  }
}
