package dev.lathe.compress;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rewrites integer convolutions of one to three input channels so that ONNX Runtime need not copy
 * patches. Its fast integer kernel reads input channels in fours; for fewer it first writes out
 * every patch, which takes longer than the sums. Here some columns next to each other become
 * channels (space to depth, along the width alone), and so do the outputs that belong to them: in
 * the channels-last order of integer kernels neither moves a byte. Weights that an output does not
 * use are zero, so the results are the same to the bit.
 */
public final class WidthFolding {
  /** A folded kernel has more weights, most of them zero: small files stay small. */
  private static final double MOST_GROWTH = 0.01;

  /** Columns that become one: as many as make the channels a multiple of four. */
  private static final int COLUMNS = 4;

  private final OnnxGraph graph;
  private final IntegerConvolutions convolutions;
  private final Map<String, TensorType> types;

  private WidthFolding(OnnxGraph graph, Map<String, TensorType> types) {
    this.graph = graph;
    this.convolutions = new IntegerConvolutions(graph);
    this.types = types;
  }

  /** A copy with folded convolutions, where that does not make the file much larger. */
  public static OnnxGraph of(OnnxGraph graph) {
    OnnxGraph folded = graph.copy();
    apply(folded, MOST_GROWTH);
    return folded;
  }

  /**
   * Folds the convolutions of a graph with QuantizeLinear and DequantizeLinear for which it fits.
   *
   * @param mostGrowth how large a folded kernel may be, as a share of all constants
   */
  static void apply(OnnxGraph graph, double mostGrowth) {
    Map<String, TensorType> types;
    try {
      types = ShapeInference.infer(graph, 1);
    } catch (OnnxException sizesOpen) {
      return; // all sizes but the batch must be known
    }
    long bytes = graph.initializers().stream().mapToLong(TensorValue::bytes).sum();
    WidthFolding folding = new WidthFolding(graph, types);
    for (OnnxNode node : List.copyOf(graph.nodes())) {
      folding
          .convolutions
          .find(node)
          .flatMap(folding::find)
          .filter(stem -> stem.foldedWeights() <= mostGrowth * bytes)
          .ifPresent(folding::fold);
    }
    graph.removeUnused();
  }

  /**
   * A convolution that fits, and how it is folded.
   *
   * @param input dequantizes what the convolution reads
   * @param output quantizes what it gives
   * @param weight its kernel, O × C × KH × KW
   * @param outputs of a row that become one
   * @param before how many folded columns the kernel reaches to the left
   * @param after how many to the right
   */
  private record Stem(
      OnnxNode conv,
      OnnxNode input,
      OnnxNode output,
      TensorValue weight,
      int outputs,
      int before,
      int after) {
    /** Columns that the folded kernel is wide. */
    int blocks() {
      return before + 1 + after;
    }

    /** Weights of the folded kernel, a byte each. */
    int foldedWeights() {
      return outputs * COLUMNS * blocks() * (int) (weight.dim(0) * weight.dim(1) * weight.dim(2));
    }
  }

  private Optional<Stem> find(IntegerConvolutions.Found found) {
    OnnxNode conv = found.conv();
    if (!conv.string("auto_pad", "NOTSET").equals("NOTSET")
        || found.weight().rank() != 4
        || convolutions.onlyConsumer(found.input().output(), "Conv").isEmpty()
        || !readByIntegerConvolutions(found.output().output())) {
      return Optional.empty();
    }
    TensorType in = types.get(found.input().inputs().getFirst());
    TensorType out = types.get(conv.output());
    int channels = (int) found.weight().dim(1);
    int width = (int) found.weight().dim(3);
    int stride = (int) conv.ints("strides", 1, 1)[1];
    int left = (int) conv.ints("pads", 0, 0, 0, 0)[1];
    if (in == null
        || out == null
        || in.type() != ElementType.UINT8
        || in.rank() != 4
        || !isScalar(found.input())
        || !isScalar(found.output())
        || channels >= COLUMNS
        || width == 1
        || conv.ints("dilations", 1, 1)[1] != 1) {
      return Optional.empty();
    }
    int outputs = COLUMNS / stride;
    if (COLUMNS % stride != 0 || in.dim(3) % COLUMNS != 0 || out.dim(3) * stride != in.dim(3)) {
      return Optional.empty();
    }
    int before = -Math.floorDiv(-left, COLUMNS);
    int after = Math.floorDiv(stride * (outputs - 1) + width - 1 - left, COLUMNS);
    if (after < 0) {
      return Optional.empty();
    }
    return Optional.of(
        new Stem(conv, found.input(), found.output(), found.weight(), outputs, before, after));
  }

  private boolean isScalar(OnnxNode quantization) {
    return convolutions
        .constant(quantization, 1)
        .filter(scale -> scale.elements() == 1)
        .isPresent();
  }

  /** Whether a value goes only where channels come last too, so that no order is restored. */
  private boolean readByIntegerConvolutions(String integers) {
    return !graph.isOutput(integers)
        && !graph.isCaptured(integers)
        && graph.consumers(integers).stream()
            .allMatch(
                node ->
                    node.is("DequantizeLinear")
                        && convolutions
                            .onlyConsumer(node.output(), "Conv")
                            .flatMap(
                                conv -> convolutions.onlyConsumer(conv.output(), "QuantizeLinear"))
                            .isPresent());
  }

  private void fold(Stem stem) {
    OnnxNode conv = stem.conv();
    TensorType in = types.get(stem.input().inputs().getFirst());
    TensorType out = types.get(conv.output());
    long channels = stem.weight().dim(1);
    long blocks = in.dim(3) / COLUMNS;
    List<OnnxNode> nodes = new ArrayList<>();
    String rows =
        reshape(nodes, stem.input().inputs().getFirst(), 0, channels, in.dim(2), blocks, COLUMNS);
    String moved = transpose(nodes, rows, graph.freshName("q"), 0, 2, 3, 1, 4);
    String last = reshape(nodes, moved, 0, in.dim(2), blocks, channels * COLUMNS);
    String first = transpose(nodes, last, graph.freshName("q"), 0, 3, 1, 2);
    List<String> inputs = new ArrayList<>();
    inputs.add(graph.freshName("d"));
    nodes.add(stem.input().withInput(0, first).withOutputs(List.of(inputs.getFirst())));
    OnnxNode weights = graph.producer(conv.inputs().get(1)).orElseThrow();
    inputs.add(repeated(nodes, weights, weights(stem), stem.outputs()));
    conv.input(2)
        .ifPresent(
            bias -> {
              OnnxNode node = graph.producer(bias).orElseThrow();
              TensorValue values = graph.initializer(node.inputs().getFirst()).orElseThrow();
              inputs.add(repeated(nodes, node, repeat(values, stem.outputs()), stem.outputs()));
            });
    long[] pads = conv.ints("pads", 0, 0, 0, 0);
    String real = graph.freshName("f");
    nodes.add(
        conv.withInputs(inputs)
            .withOutputs(List.of(real))
            .with(Attribute.ints("kernel_shape", stem.weight().dim(2), stem.blocks()))
            .with(Attribute.ints("strides", conv.ints("strides", 1, 1)[0], 1))
            .with(Attribute.ints("pads", pads[0], stem.before(), pads[2], stem.after())));
    String folded = graph.freshName("q");
    nodes.add(stem.output().withInput(0, real).withOutputs(List.of(folded)));
    String outputsLast = transpose(nodes, folded, graph.freshName("q"), 0, 2, 3, 1);
    String unfolded = reshape(nodes, outputsLast, 0, out.dim(2), out.dim(3), out.dim(1));
    transpose(nodes, unfolded, stem.output().output(), 0, 3, 1, 2);
    graph.remove(stem.output());
    graph.replace(conv, nodes);
  }

  private TensorValue weights(Stem stem) {
    TensorValue weight = stem.weight();
    int outputChannels = (int) weight.dim(0);
    int channels = (int) weight.dim(1);
    int height = (int) weight.dim(2);
    int width = (int) weight.dim(3);
    int stride = COLUMNS / stem.outputs();
    int left = (int) stem.conv().ints("pads", 0, 0, 0, 0)[1];
    byte[] from = weight.toByteArray();
    byte[] to = new byte[stem.foldedWeights()];
    int at = 0;
    for (int output = 0; output < stem.outputs(); output++) {
      for (int o = 0; o < outputChannels; o++) {
        for (int channel = 0; channel < channels; channel++) {
          for (int column = 0; column < COLUMNS; column++) {
            for (int y = 0; y < height; y++) {
              for (int block = -stem.before(); block <= stem.after(); block++) {
                int x = block * COLUMNS + column + left - stride * output;
                if (x >= 0 && x < width) {
                  to[at] = from[((o * channels + channel) * height + y) * width + x];
                }
                at++;
              }
            }
          }
        }
      }
    }
    return TensorValue.int8(
        "w",
        to,
        (long) stem.outputs() * outputChannels,
        (long) channels * COLUMNS,
        height,
        stem.blocks());
  }

  /** A DequantizeLinear of other values, its scales and zero points as often as channels now. */
  private String repeated(List<OnnxNode> nodes, OnnxNode old, TensorValue values, int times) {
    List<String> inputs = new ArrayList<>(List.of(graph.addConstant(values)));
    for (String parameter : old.inputs().subList(1, old.inputs().size())) {
      inputs.add(graph.addConstant(repeat(graph.initializer(parameter).orElseThrow(), times)));
    }
    String name = graph.freshName("d");
    nodes.add(old.withName("").withInputs(inputs).withOutputs(List.of(name)));
    return name;
  }

  private static TensorValue repeat(TensorValue tensor, int times) {
    byte[] once = tensor.toByteArray();
    byte[] all = new byte[once.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(once, 0, all, i * once.length, once.length);
    }
    return TensorValue.raw(tensor.name(), tensor.type(), all, tensor.elements() * times);
  }

  private String reshape(List<OnnxNode> nodes, String value, long... dims) {
    String shape = graph.addConstant(TensorValue.int64("r", dims, dims.length));
    String name = graph.freshName("q");
    nodes.add(OnnxNode.of("Reshape", "", List.of(value, shape), List.of(name)));
    return name;
  }

  private static String transpose(List<OnnxNode> nodes, String from, String to, long... order) {
    nodes.add(
        OnnxNode.of("Transpose", "", List.of(from), List.of(to), Attribute.ints("perm", order)));
    return to;
  }
}
