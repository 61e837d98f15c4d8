package dev.lathe.graph;

import java.util.Arrays;
import java.util.List;

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
