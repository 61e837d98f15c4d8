package dev.lathe.latency;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.List;
import java.util.random.RandomGenerator;

/** Random networks of inverted-residual blocks, in float32 or with QDQ pairs, for tests. */
final class TestNetworks {
  private final OnnxGraph graph = OnnxGraph.create("test", 17);
  private final RandomGenerator random;
  private final boolean quantized;
  private int values;

  private TestNetworks(RandomGenerator random, boolean quantized) {
    this.random = random;
    this.quantized = quantized;
  }

  /**
   * A network with 3×{@code resolution}×{@code resolution} input and 10 logits.
   *
   * @param squeeze whether a block may have squeeze-and-excite
   */
  static OnnxGraph random(
      RandomGenerator random, boolean quantized, int resolution, boolean squeeze) {
    return new TestNetworks(random, quantized).build(resolution, squeeze);
  }

  private OnnxGraph build(int resolution, boolean squeeze) {
    graph.addInput(
        new ValueInfo(
            "input",
            ElementType.FLOAT,
            List.of(
                Dimension.of("N"),
                Dimension.of(3),
                Dimension.of(resolution),
                Dimension.of(resolution))));
    String x = convolution(quantize("input", 128), 3, 16, 3, 2, 1, true);
    int channels = 16;
    int[][] stages = {{16, 1, 2}, {32, 2, 3}, {64, 2, 3}};
    for (int[] stage : stages) {
      boolean excite = squeeze && random.nextInt(3) == 0;
      int depth = 1 + random.nextInt(stage[2]);
      for (int block = 0; block < depth; block++) {
        int stride = block == 0 ? stage[1] : 1;
        int window = 3 + 2 * random.nextInt(2);
        int wide = channels * (2 + random.nextInt(3));
        String y = convolution(x, channels, wide, 1, 1, 1, true);
        y = convolution(y, wide, wide, window, stride, wide, true);
        if (excite) {
          y = excite(y, wide);
        }
        y = convolution(y, wide, stage[0], 1, 1, 1, false);
        if (stride == 1 && channels == stage[0]) {
          y = quantize(node("Add", List.of(x, y)), 128);
        }
        x = y;
        channels = stage[0];
      }
    }
    x = convolution(x, channels, 128, 1, 1, 1, true);
    x = quantize(node("GlobalAveragePool", List.of(x)), 0);
    x = quantize(node("Flatten", List.of(x)), 0);
    String weight = constant(weights(10, 128), 0);
    String bias = value();
    graph.addInitializer(TensorValue.floats(bias, new float[10], 10));
    String logits = quantized ? value() : "logits";
    graph.add(
        OnnxNode.of(
            "Gemm",
            "head",
            List.of(x, weight, bias),
            List.of(logits),
            Attribute.integer("transB", 1)));
    graph.addOutput(
        new ValueInfo("logits", ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of(10))));
    if (quantized) {
      String q = value();
      graph.add(OnnxNode.of("QuantizeLinear", "", parameters(logits, 128), List.of(q)));
      graph.add(OnnxNode.of("DequantizeLinear", "", parameters(q, 128), List.of("logits")));
    }
    return graph;
  }

  private String excite(String x, int channels) {
    int narrow = Math.max(8, channels / 4 / 8 * 8);
    String y = quantize(node("GlobalAveragePool", List.of(x)), 0);
    y = convolution(y, channels, narrow, 1, 1, 1, true);
    y = convolution(y, narrow, channels, 1, 1, 1, false);
    y = quantize(node("Sigmoid", List.of(y)), 0);
    return quantize(node("Mul", List.of(x, y)), 0);
  }

  private String convolution(
      String x, int in, int out, int window, int stride, int group, boolean relu) {
    String weight = constant(weights(out, in / group, window, window), 0);
    String bias = value();
    graph.addInitializer(TensorValue.floats(bias, new float[out], out));
    String y = value();
    long pad = window / 2;
    graph.add(
        OnnxNode.of(
            "Conv",
            "conv-" + y,
            List.of(x, weight, bias),
            List.of(y),
            Attribute.ints("kernel_shape", window, window),
            Attribute.ints("strides", stride, stride),
            Attribute.ints("pads", pad, pad, pad, pad),
            Attribute.integer("group", group)));
    return quantize(relu ? node("Relu", List.of(y)) : y, relu ? 0 : 128);
  }

  private String node(String op, List<String> inputs) {
    String y = value();
    graph.add(OnnxNode.of(op, op + "-" + y, inputs, List.of(y)));
    return y;
  }

  private String quantize(String x, int zeroPoint) {
    if (!quantized) {
      return x;
    }
    String q = value();
    String dq = value();
    graph.add(OnnxNode.of("QuantizeLinear", "", parameters(x, zeroPoint), List.of(q)));
    graph.add(OnnxNode.of("DequantizeLinear", "", parameters(q, zeroPoint), List.of(dq)));
    return dq;
  }

  private List<String> parameters(String x, int zeroPoint) {
    String scale = value();
    String zero = value();
    graph.addInitializer(TensorValue.floats(scale, new float[] {0.05f}));
    graph.addInitializer(TensorValue.uint8(zero, new byte[] {(byte) zeroPoint}));
    return List.of(x, scale, zero);
  }

  /** A weight, through DequantizeLinear where the network is quantised. */
  private String constant(TensorValue weight, int axis) {
    if (!quantized) {
      graph.addInitializer(weight);
      return weight.name();
    }
    int out = (int) weight.dim(0);
    byte[] integers = new byte[(int) weight.elements()];
    random.nextBytes(integers);
    float[] scales = new float[out];
    java.util.Arrays.fill(scales, 0.01f);
    String name = value();
    String scale = value();
    String zero = value();
    String dq = value();
    graph.addInitializer(TensorValue.int8(name, integers, weight.dims()));
    graph.addInitializer(TensorValue.floats(scale, scales, out));
    graph.addInitializer(TensorValue.int8(zero, new byte[out], out));
    graph.add(
        OnnxNode.of(
            "DequantizeLinear",
            "",
            List.of(name, scale, zero),
            List.of(dq),
            Attribute.integer("axis", axis)));
    return dq;
  }

  private TensorValue weights(long... dims) {
    int elements = 1;
    for (long dim : dims) {
      elements *= (int) dim;
    }
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (i % 17 - 8) / 80f;
    }
    return TensorValue.floats(value(), values, dims);
  }

  private String value() {
    return "v" + values++;
  }
}
