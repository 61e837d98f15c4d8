package dev.lathe.supernet.singlepath;

import dev.lathe.graph.WeightRef;
import dev.lathe.graph.WeightRef.Derivation.Gated;
import dev.lathe.graph.WeightRef.Derivation.Outside;
import dev.lathe.graph.WeightRef.Derivation.Scaled;
import dev.lathe.graph.WeightRef.Derived;
import dev.lathe.graph.WeightRef.Gate;
import dev.lathe.graph.WeightRef.Slice;
import dev.lathe.graph.WeightRef.Window;
import dev.lathe.latency.singlepath.Gates;
import java.util.List;

/**
 * One searchable block: the depthwise kernel holds all its forms, and norms of its parts against
 * trainable thresholds say which of them is used.
 *
 * @param block name of the block, prefix of its tensors
 * @param stage number of its stage, from 0
 * @param index number within its stage, from 0
 * @param hidden channels of the depthwise convolution
 * @param narrow the channels that the smallest expansion keeps; as many as {@code hidden} if the
 *     expansion is no choice
 * @param kernel side of the large kernel
 * @param small side of the small one; equal if the kernel is no choice
 * @param skippable whether the block, and with it those behind it in its stage, may be left out
 */
record Superkernel(
    String block,
    int stage,
    int index,
    int hidden,
    int narrow,
    int kernel,
    int small,
    boolean skippable) {
  /**
   * Thresholds learn at a fifth of the weights' learning rate: at all of it, chance alone carries
   * them across the gates' norms within some hundred steps.
   */
  private static final double THRESHOLD_SCALE = Math.sqrt(0.2);

  /** The gates of a block. */
  enum Kind {
    KERNEL,
    CHANNELS,
    PRESENT
  }

  boolean has(Kind kind) {
    return switch (kind) {
      case KERNEL -> small < kernel;
      case CHANNELS -> narrow < hidden;
      case PRESENT -> skippable;
    };
  }

  static double value(Gates gates, Kind kind) {
    return switch (kind) {
      case KERNEL -> gates.kernel();
      case CHANNELS -> gates.channels();
      case PRESENT -> gates.present();
    };
  }

  static Gates with(Gates gates, Kind kind, double value) {
    return switch (kind) {
      case KERNEL -> new Gates(value, gates.channels(), gates.present());
      case CHANNELS -> new Gates(gates.kernel(), value, gates.present());
      case PRESENT -> new Gates(gates.kernel(), gates.channels(), value);
    };
  }

  String threshold(Kind kind) {
    return block + ".threshold." + kind.name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The gate as it is computed from the weights, given the others. */
  Gate.OfNorm gate(Kind kind, Gates chosen, boolean learnsOpen) {
    WeightRef weights =
        switch (kind) {
          case KERNEL -> new Derived(new Outside(centre(hidden)), part(0, hidden));
          case CHANNELS -> chosenKernel(narrow, hidden - narrow, chosen);
          case PRESENT -> chosenKernel(0, narrow, chosen);
        };
    double channels =
        switch (kind) {
          case KERNEL -> ringChannels();
          case CHANNELS -> hidden - narrow;
          case PRESENT -> narrow;
        };
    // in units of the norm that fresh weights have (He et al., arXiv 1502.01852)
    double deviation = Math.sqrt(2) / kernel;
    return new Gate.OfNorm(
        weights,
        new Derived(new Scaled(THRESHOLD_SCALE), Slice.leading(threshold(kind), 1)),
        deviation * kernel * Math.sqrt(channels),
        learnsOpen);
  }

  /** As many channels of whole kernels as have the weights of the ring. */
  private double ringChannels() {
    return hidden * (1 - (double) small * small / (kernel * kernel));
  }

  /**
   * Weights behind some gates of the block; those that are held open do nothing.
   *
   * @param always what the gates leave as it is
   */
  static WeightRef behind(List<Gate> gates, List<Window> always, WeightRef weights) {
    return gates.isEmpty() ? weights : new Derived(new Gated(gates, always), weights);
  }

  /** The gate as a network has it: none if it is held open, or not there. */
  List<Gate> effective(Kind kind, Gates chosen) {
    if (!has(kind) || value(chosen, kind) == 1) {
      return List.of();
    }
    Gate.OfNorm gate = gate(kind, chosen, false);
    return List.of(value(chosen, kind) == 0 ? new Gate.Closed(gate) : gate);
  }

  /** The kernel as the kernel's gate leaves it. */
  WeightRef chosenKernel(int from, int channels, Gates chosen) {
    return behind(effective(Kind.KERNEL, chosen), centre(channels), part(from, channels));
  }

  private Slice part(int from, int channels) {
    Window whole = new Window(0, kernel);
    return new Slice(
        block + ".depthwise.weight",
        List.of(new Window(from, channels), new Window(0, 1), whole, whole));
  }

  /** The channels that the smallest expansion keeps, as a box of a vector. */
  List<Window> narrowChannels() {
    return List.of(new Window(0, narrow));
  }

  private List<Window> centre(int channels) {
    Window centre = Window.centre(kernel, small);
    return List.of(new Window(0, channels), new Window(0, 1), centre, centre);
  }
}
