package dev.lathe.space.elastic;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/** Small networks of the kinds that people have. */
final class Specimens {
  static final Map<String, LongFunction<OnnxGraph>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("residual, folded", seed -> residual(seed, false));
    ALL.put("residual, with norms", seed -> residual(seed, true));
    ALL.put("inverted residual", Specimens::invertedResidual);
    ALL.put("squeeze and excitation", Specimens::squeezeExcitation);
    ALL.put("inception", Specimens::inception);
    ALL.put("dense blocks", Specimens::dense);
    ALL.put("shuffled groups", Specimens::shuffled);
    ALL.put("grouped convolutions", Specimens::grouped);
    ALL.put("flattened pixels", Specimens::flattened);
    ALL.put("encoder and decoder", Specimens::encoderDecoder);
    ALL.put("split and half of it kept", Specimens::splitBlock);
    ALL.put("gated linear unit", Specimens::gatedLinear);
    ALL.put("transformer", seed -> transformer(seed, false));
    ALL.put("transformer, fused projections", seed -> transformer(seed, true));
    ALL.put("channels last", Specimens::channelsLast);
    ALL.put("groups normalized", Specimens::groupNorm);
    ALL.put("shared weights", Specimens::shared);
    ALL.put("norm written out", Specimens::writtenNorm);
  }

  private Specimens() {}

  static OnnxGraph residual(long seed, boolean norms) {
    Blueprint b = new Blueprint(17, seed);
    String x = b.relu(normed(b, b.conv(b.input("x", "N", 3, 16, 16), 3, 8, 3, 1, 1), 8, norms));
    int width = 8;
    for (int stage = 0; stage < 2; stage++) {
      for (int block = 0; block < 2; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        int out = stride == 2 ? 2 * width : width;
        String y = b.relu(normed(b, b.conv(x, width, out, 3, stride, 1), out, norms));
        y = normed(b, b.conv(y, out, out, 3, 1, 1), out, norms);
        String skip = stride == 2 ? normed(b, b.conv(x, width, out, 1, 2, 1), out, norms) : x;
        x = b.relu(b.add(y, skip));
        width = out;
      }
    }
    return b.output(b.head(x, width, 5));
  }

  private static String normed(Blueprint b, String x, int channels, boolean norms) {
    return norms ? b.norm(x, channels) : x;
  }

  static OnnxGraph invertedResidual(long seed) {
    Blueprint b = new Blueprint(17, seed);
    String x = clip(b, b.conv(b.input("x", "N", 3, 16, 16), 3, 8, 3, 2, 1));
    int in = 8;
    int[][] blocks = {{8, 1}, {12, 2}, {12, 1}, {12, 1}};
    for (int[] block : blocks) {
      String y = clip(b, b.conv(x, in, 4 * in, 1, 1, 1));
      y = clip(b, b.conv(y, 4 * in, 4 * in, 3, block[1], 4 * in));
      y = b.conv(y, 4 * in, block[0], 1, 1, 1);
      x = block[1] == 1 && in == block[0] ? b.add(x, y) : y;
      in = block[0];
    }
    return b.output(b.head(clip(b, b.conv(x, in, 24, 1, 1, 1)), 24, 5));
  }

  private static String clip(Blueprint b, String x) {
    return b.node("Clip", List.of(x, b.scalar(0), b.scalar(6)));
  }

  static OnnxGraph squeezeExcitation(long seed) {
    Blueprint b = new Blueprint(17, seed);
    String x = b.relu(b.conv(b.input("x", "N", 3, 8, 8), 3, 16, 3, 1, 1));
    String gate = b.node("GlobalAveragePool", List.of(x));
    gate = b.relu(b.conv(gate, 16, 4, 1, 1, 1));
    gate = b.node("Sigmoid", List.of(b.conv(gate, 4, 16, 1, 1, 1)));
    x = b.conv(b.mul(x, gate), 16, 12, 3, 1, 1);
    String mean =
        b.node(
            "ReduceMean",
            List.of(x),
            Attribute.ints("axes", 2, 3),
            Attribute.integer("keepdims", 0));
    return b.output(b.gemm(mean, 12, 5));
  }

  static OnnxGraph inception(long seed) {
    Blueprint b = new Blueprint(17, seed);
    String x = b.relu(b.conv(b.input("x", "N", 3, 8, 8), 3, 8, 3, 1, 1));
    String one = b.relu(b.conv(x, 8, 6, 1, 1, 1));
    String three = b.relu(b.conv(b.relu(b.conv(x, 8, 4, 1, 1, 1)), 4, 10, 3, 1, 1));
    String pooled =
        b.node(
            "MaxPool",
            List.of(x),
            Attribute.ints("kernel_shape", 3, 3),
            Attribute.ints("pads", 1, 1, 1, 1));
    x = b.node("Concat", List.of(one, three, pooled), Attribute.integer("axis", 1));
    x = b.norm(x, 24);
    x = b.relu(b.conv(x, 24, 24, 3, 2, 24));
    return b.output(b.head(b.conv(x, 24, 16, 1, 1, 1), 16, 5));
  }

  static OnnxGraph dense(long seed) {
    Blueprint b = new Blueprint(17, seed);
    List<String> parts = new ArrayList<>();
    parts.add(b.conv(b.input("x", "N", 3, 8, 8), 3, 6, 3, 1, 1));
    int width = 6;
    for (int i = 0; i < 3; i++) {
      String joined =
          parts.size() == 1
              ? parts.getFirst()
              : b.node("Concat", parts, Attribute.integer("axis", 1));
      parts.add(b.conv(b.relu(b.norm(joined, width)), width, 4, 3, 1, 1));
      width += 4;
    }
    return b.output(b.head(b.node("Concat", parts, Attribute.integer("axis", 1)), width, 5));
  }

  static OnnxGraph shuffled(long seed) {
    Blueprint b = new Blueprint(17, seed);
    String x = b.relu(b.conv(b.input("x", "N", 3, 8, 8), 3, 16, 3, 1, 1));
    List<String> halves =
        b.nodes("Split", List.of(x, b.ints(8, 8)), 2, Attribute.integer("axis", 1));
    String y = b.relu(b.conv(halves.get(1), 8, 12, 1, 1, 1));
    y = b.relu(b.conv(b.conv(y, 12, 12, 3, 1, 12), 12, 8, 1, 1, 1));
    x = b.node("Concat", List.of(halves.get(0), y), Attribute.integer("axis", 1));
    x = b.transpose(b.reshape(x, -1, 2, 8, 8, 8), 0, 2, 1, 3, 4);
    x = b.conv(b.reshape(x, -1, 16, 8, 8), 16, 20, 1, 1, 1);
    return b.output(b.head(b.relu(x), 20, 5));
  }

  static OnnxGraph grouped(long seed) {
    Blueprint b = new Blueprint(17, seed);
    String x = b.relu(b.conv(b.input("x", "N", 3, 8, 8), 3, 16, 3, 1, 1));
    String y = b.relu(b.conv(b.relu(b.conv(x, 16, 24, 1, 1, 1)), 24, 24, 3, 1, 6));
    x = b.relu(b.add(x, b.conv(y, 24, 16, 1, 1, 1)));
    x = b.conv(x, 16, 32, 3, 2, 16); // two for each channel
    return b.output(b.head(b.relu(x), 32, 5));
  }

  static OnnxGraph flattened(long seed) {
    Blueprint b = new Blueprint(17, seed);
    String x = b.relu(b.conv(b.input("x", "N", 3, 8, 8), 3, 8, 3, 2, 1));
    x = b.reshape(b.relu(b.conv(x, 8, 6, 3, 1, 1)), -1, 96);
    return b.output(b.gemm(b.relu(b.gemm(x, 96, 20)), 20, 5));
  }

  static OnnxGraph encoderDecoder(long seed) {
    Blueprint b = new Blueprint(17, seed);
    String x = b.input("x", "N", 3, 16, 16);
    String top = b.relu(b.conv(x, 3, 8, 3, 1, 1));
    String middle = b.relu(b.conv(top, 8, 12, 3, 2, 1));
    String low = b.relu(b.conv(middle, 12, 16, 3, 2, 1));
    String up =
        b.node(
            "Resize",
            List.of(
                low,
                "",
                b.graph()
                    .addConstant(
                        dev.lathe.onnx.TensorValue.floats("scales", new float[] {1, 1, 2, 2}, 4))),
            Attribute.string("mode", "nearest"),
            Attribute.string("coordinate_transformation_mode", "asymmetric"));
    up = b.node("Concat", List.of(up, middle), Attribute.integer("axis", 1));
    up = b.relu(b.conv(up, 28, 12, 3, 1, 1));
    up =
        b.node(
            "ConvTranspose",
            List.of(up, b.weight(0.2, 12, 8, 2, 2), b.weight(0.1, 8)),
            Attribute.ints("kernel_shape", 2, 2),
            Attribute.ints("strides", 2, 2));
    up = b.node("Concat", List.of(b.relu(up), top), Attribute.integer("axis", 1));
    return b.output(b.conv(up, 16, 2, 1, 1, 1));
  }

  static OnnxGraph splitBlock(long seed) {
    Blueprint b = new Blueprint(18, seed);
    String x = b.relu(b.conv(b.input("x", "N", 3, 8, 8), 3, 16, 3, 1, 1));
    List<String> halves =
        b.nodes(
            "Split",
            List.of(x),
            2,
            Attribute.integer("axis", 1),
            Attribute.integer("num_outputs", 2));
    String y =
        b.add(halves.get(1), b.conv(b.relu(b.conv(halves.get(1), 8, 6, 3, 1, 1)), 6, 8, 3, 1, 1));
    String sliced = b.node("Slice", List.of(x, b.ints(4), b.ints(12), b.ints(1)));
    x =
        b.node(
            "Concat",
            List.of(halves.get(0), halves.get(1), y, sliced),
            Attribute.integer("axis", 1));
    return b.output(b.head(b.relu(b.conv(x, 32, 12, 1, 1, 1)), 12, 5));
  }

  static OnnxGraph gatedLinear(long seed) {
    Blueprint b = new Blueprint(17, seed);
    String x = b.layerNorm(b.input("x", "N", "T", 12), 12);
    String both = b.linear(x, 12, 48);
    List<String> parts =
        b.nodes("Split", List.of(both, b.ints(24, 24)), 2, Attribute.integer("axis", -1));
    String gated = b.mul(parts.get(0), b.node("Sigmoid", List.of(parts.get(1))));
    return b.output(b.add(x, b.linear(gated, 24, 12)));
  }

  static OnnxGraph transformer(long seed, boolean fused) {
    Blueprint b = new Blueprint(17, seed);
    int width = 24;
    int heads = 3;
    String x = b.conv(b.input("x", "N", 3, 16, 16), 3, width, 4, 4, 1);
    x = b.transpose(b.reshape(x, 0, width, -1), 0, 2, 1);
    x = b.add(x, b.weight(0.1, 1, 25, width));
    for (int layer = 0; layer < 2; layer++) {
      x = b.add(x, attention(b, b.layerNorm(x, width), width, heads, fused));
      String mlp = b.linear(b.layerNorm(x, width), width, 40);
      mlp = b.node("Div", List.of(mlp, b.scalar(1.41421356f)));
      mlp = b.mul(mlp, b.add(b.node("Erf", List.of(mlp)), b.scalar(1)));
      x = b.add(x, b.linear(mlp, 40, width));
    }
    x =
        b.node(
            "ReduceMean",
            List.of(b.layerNorm(x, width)),
            Attribute.ints("axes", 1),
            Attribute.integer("keepdims", 0));
    return b.output(b.gemm(x, width, 5));
  }

  private static String attention(Blueprint b, String x, int width, int heads, boolean fused) {
    String[] parts = new String[3];
    int size = width / heads;
    if (fused) {
      String all = b.reshape(b.linear(x, width, 3 * width), 0, 0, 3, heads, size);
      all = b.transpose(all, 2, 0, 3, 1, 4);
      for (int i = 0; i < 3; i++) {
        String index = b.graph().addConstant(dev.lathe.onnx.TensorValue.int64("i", new long[] {i}));
        parts[i] = b.node("Gather", List.of(all, index), Attribute.integer("axis", 0));
      }
    } else {
      for (int i = 0; i < 3; i++) {
        parts[i] = b.transpose(b.reshape(b.linear(x, width, width), 0, 0, heads, size), 0, 2, 1, 3);
      }
    }
    String scores = b.node("MatMul", List.of(parts[0], b.transpose(parts[1], 0, 1, 3, 2)));
    scores =
        b.node("Softmax", List.of(b.mul(scores, b.scalar(0.35f))), Attribute.integer("axis", -1));
    String mixed = b.transpose(b.node("MatMul", List.of(scores, parts[2])), 0, 2, 1, 3);
    return b.linear(b.reshape(mixed, 0, 0, width), width, width);
  }

  static OnnxGraph channelsLast(long seed) {
    Blueprint b = new Blueprint(17, seed);
    String x = b.conv(b.input("x", "N", 3, 8, 8), 3, 16, 3, 2, 1);
    for (int block = 0; block < 2; block++) {
      String y = b.transpose(b.conv(x, 16, 16, 7, 1, 16), 0, 2, 3, 1);
      y = b.relu(b.linear(b.layerNorm(y, 16), 16, 32));
      y = b.transpose(b.mul(b.linear(y, 32, 16), b.positive(16)), 0, 3, 1, 2);
      x = b.add(y, x);
    }
    return b.output(b.head(x, 16, 5));
  }

  static OnnxGraph groupNorm(long seed) {
    Blueprint b = new Blueprint(17, seed);
    String x = b.conv(b.input("x", "N", 3, 8, 8), 3, 16, 3, 1, 1);
    String y = b.reshape(x, 0, 4, -1);
    y = b.node("InstanceNormalization", List.of(y, b.positive(4), b.weight(0.1, 4)));
    y = b.reshape(y, -1, 16, 8, 8);
    y = b.add(b.mul(y, b.positive(16, 1, 1)), b.weight(0.1, 16, 1, 1));
    return b.output(b.head(b.relu(y), 16, 5));
  }

  static OnnxGraph shared(long seed) {
    Blueprint b = new Blueprint(17, seed);
    String w = b.weight(0.3, 12, 3, 3, 3);
    String bias = b.weight(0.1, 12);
    List<String> towers = new ArrayList<>();
    for (String name : List.of("left", "right")) {
      String x = b.node("Conv", List.of(b.input(name, "N", 3, 8, 8), w, bias));
      towers.add(b.relu(x));
    }
    String x = b.node("Sub", towers);
    return b.output(b.head(x, 12, 5));
  }

  static OnnxGraph writtenNorm(long seed) {
    Blueprint b = new Blueprint(17, seed);
    String x = b.linear(b.input("x", "N", 10), 10, 24);
    String mean = b.node("ReduceMean", List.of(x), Attribute.ints("axes", -1));
    String centred = b.node("Sub", List.of(x, mean));
    String variance =
        b.node(
            "ReduceMean",
            List.of(b.node("Pow", List.of(centred, b.scalar(2)))),
            Attribute.ints("axes", -1));
    String deviation = b.node("Sqrt", List.of(b.add(variance, b.scalar(1e-5f))));
    String y = b.mul(b.node("Div", List.of(centred, deviation)), b.positive(24));
    y = b.add(y, b.linear(b.relu(b.linear(y, 24, 30)), 30, 24));
    return b.output(b.linear(y, 24, 4));
  }
}
