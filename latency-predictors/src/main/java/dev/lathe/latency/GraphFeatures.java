package dev.lathe.latency;

import dev.lathe.onnx.OnnxGraph;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * Features of a graph for latency prediction: sums over the kernels that ONNX Runtime runs for it,
 * apart for each kind of kernel and for real and integer arithmetic, so that a weighted sum of them
 * with weights that are not negative is a time. Names are {@code <float|int8>.<kind>.<quantity>}:
 * count, multiply-accumulates (channels padded to the blocked layout), elements in, out and of
 * weights, and for convolutions what their implementations depend on besides.
 */
public final class GraphFeatures {
  private static final int INTEGER_TILE = 64;

  private GraphFeatures() {}

  /**
   * The features of a graph; weights may be shapes without data.
   *
   * @param batch size of the inputs' first dimension where the graph leaves it open
   * @throws dev.lathe.onnx.OnnxException if a shape cannot be inferred
   */
  public static FeatureVector of(OnnxGraph graph, long batch) {
    return of(FusedKernels.of(graph, batch));
  }

  /** The features of a list of kernels. */
  public static FeatureVector of(List<Kernel> kernels) {
    var values = new TreeMap<String, Double>();
    values.put("network.count", 1.0);
    kernels.forEach(kernel -> add(values, kernel));
    return new FeatureVector(values);
  }

  private static void add(TreeMap<String, Double> values, Kernel kernel) {
    String prefix =
        (kernel.integer() ? "int8." : "float.") + kernel.kind().name().toLowerCase(Locale.ROOT);
    Sums sums = new Sums(values, prefix + ".");
    sums.add("count", 1);
    sums.add("elements", kernel.outputElements());
    if (kernel.kind().multiplies()) {
      sums.add("inputElements", kernel.inputElements());
      sums.add("weights", kernel.weightElements());
      sums.add("macs", paddedMacs(kernel));
    }
    if (kernel.kind() == KernelKind.ACTIVATION || isCostly(kernel.activation())) {
      Sums activation = new Sums(values, prefix + "." + kernel.activation() + ".");
      activation.add("count", 1);
      activation.add("elements", kernel.outputElements());
    }
    switch (kernel.kind()) {
      case DEPTHWISE -> {
        Sums window = new Sums(values, prefix + kernel.window() + ".");
        window.add("count", 1);
        window.add("macs", paddedMacs(kernel));
        long taps = kernel.pixels() * kernel.window();
        sums.add("taps", taps);
        sums.add("blocks", taps * Math.ceilDiv(kernel.outputChannels(), INTEGER_TILE));
      }
      case POINTWISE, DENSE -> {
        sums.add(
            "tiles",
            kernel.pixels()
                * kernel.window()
                * pad(kernel.inputChannels(), INTEGER_TILE)
                * pad(kernel.outputChannels(), FusedKernels.BLOCK));
        if (kernel.inputChannels() % FusedKernels.BLOCK != 0) {
          sums.add("raggedInputs", 1);
          sums.add("raggedInputPixels", kernel.pixels());
        }
        if (kernel.outputChannels() % FusedKernels.BLOCK != 0) {
          sums.add("raggedOutputs", 1);
          sums.add("raggedOutputPixels", kernel.pixels());
        }
      }
      case VECTOR,
          GROUPED,
          MATMUL,
          ELEMENTWISE,
          ACTIVATION,
          POOL,
          REDUCTION,
          NORMALIZATION,
          COPY,
          REORDER,
          QUANTIZE,
          OTHER -> {}
    }
  }

  /** Multiply-accumulates with the channels that the blocked layout adds. */
  static double paddedMacs(Kernel kernel) {
    if (kernel.integer() || kernel.inputChannels() == 0) {
      return kernel.macs();
    }
    double share =
        (double) pad(kernel.outputChannels(), FusedKernels.BLOCK) / kernel.outputChannels();
    boolean padsInput =
        kernel.kind() != KernelKind.DEPTHWISE && kernel.inputChannels() >= FusedKernels.BLOCK;
    if (padsInput) {
      share *= (double) pad(kernel.inputChannels(), FusedKernels.BLOCK) / kernel.inputChannels();
    }
    return kernel.macs() * share;
  }

  private static boolean isCostly(String activation) {
    return !activation.isEmpty() && !activation.equals("Relu") && !activation.equals("Clip");
  }

  private static long pad(long channels, long block) {
    return Math.ceilDiv(channels, block) * block;
  }

  private record Sums(TreeMap<String, Double> values, String prefix) {
    void add(String quantity, double value) {
      values.merge(prefix + quantity, value, Double::sum);
    }
  }
}
