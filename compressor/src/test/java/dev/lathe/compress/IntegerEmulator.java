package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs a quantized graph of one image with integer arithmetic alone between its quantizations, as a
 * device without floating point would: written from the operators' definitions, with no use of the
 * compressor or of ONNX Runtime.
 */
final class IntegerEmulator {
  /** Integers with the scale and zero point that give them meaning. */
  private record Integers(int[] values, long[] dims, float[] scales, int zeroPoint) {}

  /** Sums of products: real = value · scale of its channel. */
  private record Sums(long[] values, long[] dims, double[] scales) {}

  private final OnnxGraph graph;
  private final Map<String, Integers> integers = new HashMap<>();
  private final Map<String, Sums> sums = new HashMap<>();
  private final Map<String, float[]> reals = new HashMap<>();
  private final Map<String, long[]> shapes = new HashMap<>();

  private IntegerEmulator(OnnxGraph graph) {
    this.graph = graph;
  }

  /** The graph's output for one image [1, c, h, w]. */
  static float[] run(OnnxGraph graph, float[] image, long... dims) {
    IntegerEmulator emulator = new IntegerEmulator(graph);
    String input = graph.inputs().getFirst().name();
    emulator.reals.put(input, image);
    emulator.shapes.put(input, dims);
    graph.nodes().forEach(emulator::step);
    Sums last = emulator.sums.get(graph.outputs().getFirst().name());
    float[] out = new float[last.values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) (last.values[i] * last.scales[i]);
    }
    return out;
  }

  private void step(OnnxNode node) {
    String out = node.output();
    switch (node.opType()) {
      case "QuantizeLinear" -> integers.put(out, quantize(node));
      case "DequantizeLinear" -> integers.put(out, dequantize(node));
      case "Conv" -> sums.put(out, convolve(node));
      case "Gemm" -> sums.put(out, multiply(node));
      case "Add" -> {
        Integers a = integers.get(node.inputs().get(0));
        Integers b = integers.get(node.inputs().get(1));
        float[] result = new float[a.values.length];
        for (int i = 0; i < result.length; i++) {
          result[i] =
              a.scales[0] * (a.values[i] - a.zeroPoint) + b.scales[0] * (b.values[i] - b.zeroPoint);
        }
        reals.put(out, result);
        shapes.put(out, a.dims);
      }
      case "GlobalAveragePool" -> {
        Integers x = integers.get(node.inputs().getFirst());
        int channels = (int) x.dims[1];
        int plane = x.values.length / channels;
        long[] totals = new long[channels];
        for (int i = 0; i < x.values.length; i++) {
          totals[i / plane] += x.values[i] - x.zeroPoint;
        }
        double[] scales = new double[channels];
        Arrays.fill(scales, (double) x.scales[0] / plane);
        sums.put(out, new Sums(totals, new long[] {1, channels, 1, 1}, scales));
      }
      case "Flatten" -> {
        Integers x = integers.get(node.inputs().getFirst());
        integers.put(
            out, new Integers(x.values, new long[] {1, x.values.length}, x.scales, x.zeroPoint));
      }
      default -> throw new IllegalArgumentException("no integer form of " + node.label());
    }
  }

  private Integers quantize(OnnxNode node) {
    float scale = constant(node, 1).floats()[0];
    int zeroPoint = (int) constant(node, 2).longs()[0];
    String from = node.inputs().getFirst();
    Sums source = sums.get(from);
    int size = source == null ? reals.get(from).length : source.values.length;
    int[] values = new int[size];
    int channels = source == null ? 1 : source.scales.length;
    for (int i = 0; i < size; i++) {
      double real =
          source == null
              ? reals.get(from)[i] / scale
              : source.values[i] * (float) (source.scales[i / (size / channels)] / scale);
      values[i] = (int) Math.clamp(Math.rint(real) + zeroPoint, 0, 255);
    }
    long[] dims = source == null ? shapes.get(from) : source.dims;
    return new Integers(values, dims, new float[] {scale}, zeroPoint);
  }

  private Integers dequantize(OnnxNode node) {
    String from = node.inputs().getFirst();
    if (integers.containsKey(from)) {
      return integers.get(from);
    }
    TensorValue values = constant(node, 0);
    int[] ints = Arrays.stream(values.longs()).mapToInt(Math::toIntExact).toArray();
    return new Integers(ints, values.dims(), constant(node, 1).floats(), 0);
  }

  private TensorValue constant(OnnxNode node, int input) {
    return graph.initializer(node.inputs().get(input)).orElseThrow();
  }

  private Sums convolve(OnnxNode node) {
    Integers x = integers.get(node.inputs().get(0));
    Integers w = integers.get(node.inputs().get(1));
    Integers b = integers.get(node.inputs().get(2));
    int group = (int) node.integer("group", 1);
    int stride = (int) node.ints("strides", 1, 1)[0];
    int pad = (int) node.ints("pads", 0, 0, 0, 0)[0];
    int channels = (int) w.dims[0];
    int perGroup = (int) w.dims[1];
    int kernel = (int) w.dims[2];
    int height = (int) x.dims[2];
    int width = (int) x.dims[3];
    int outHeight = (height + 2 * pad - kernel) / stride + 1;
    int outWidth = (width + 2 * pad - kernel) / stride + 1;
    long[] out = new long[channels * outHeight * outWidth];
    double[] scales = new double[channels];
    for (int o = 0; o < channels; o++) {
      scales[o] = x.scales[0] * w.scales[o];
      int firstInput = o / (channels / group) * perGroup;
      for (int row = 0; row < outHeight; row++) {
        for (int column = 0; column < outWidth; column++) {
          long sum = b.values[o];
          for (int i = 0; i < perGroup; i++) {
            for (int ky = 0; ky < kernel; ky++) {
              for (int kx = 0; kx < kernel; kx++) {
                int y = row * stride + ky - pad;
                int z = column * stride + kx - pad;
                if (y >= 0 && y < height && z >= 0 && z < width) {
                  int at = ((firstInput + i) * height + y) * width + z;
                  int weight = w.values[((o * perGroup + i) * kernel + ky) * kernel + kx];
                  sum += (long) (x.values[at] - x.zeroPoint) * weight;
                }
              }
            }
          }
          out[(o * outHeight + row) * outWidth + column] = sum;
        }
      }
    }
    return new Sums(out, new long[] {1, channels, outHeight, outWidth}, scales);
  }

  private Sums multiply(OnnxNode node) {
    Integers x = integers.get(node.inputs().get(0));
    Integers w = integers.get(node.inputs().get(1));
    Integers b = integers.get(node.inputs().get(2));
    int outputs = (int) w.dims[0];
    int inputs = (int) w.dims[1];
    long[] out = new long[outputs];
    double[] scales = new double[outputs];
    for (int o = 0; o < outputs; o++) {
      out[o] = b.values[o];
      scales[o] = x.scales[0] * w.scales[o];
      for (int i = 0; i < inputs; i++) {
        out[o] += (long) (x.values[i] - x.zeroPoint) * w.values[o * inputs + i];
      }
    }
    return new Sums(out, new long[] {1, outputs}, scales);
  }
}
