package dev.lathe.compress.recipe;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.GramMatrices;
import dev.lathe.compress.Simplification;
import dev.lathe.compress.StoredBytes;
import dev.lathe.compress.WeightRows;
import dev.lathe.compress.rounding.AdaRound;
import dev.lathe.compress.rounding.BlockGrid;
import dev.lathe.compress.rounding.Gptq;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes weights in fewer bits than they are computed with. */
final class StoredWeights {
  private static final int LEAST_ELEMENTS = 64;
  private static final int GRAM_IMAGES = 128;
  private static final int ADAROUND_ITERATIONS = 600;
  private static final int LEAST_ADAROUND_ITERATIONS = 100;

  /** Multiplications that AdaRound may take for a node: large ones get fewer iterations. */
  private static final double ADAROUND_WORK = 1e10;

  private StoredWeights() {}

  /** Weights as 16-bit numbers with a Cast, which ONNX Runtime computes when it loads the model. */
  static Compressor.Outcome half(OnnxGraph original) {
    OnnxGraph graph = original.copy();
    int count = 0;
    for (TensorValue tensor : List.copyOf(graph.initializers())) {
      if (tensor.type() != ElementType.FLOAT
          || tensor.elements() < LEAST_ELEMENTS
          || graph.isOutput(tensor.name())
          || graph.isCaptured(tensor.name())) {
        continue;
      }
      String name = tensor.name();
      String stored = graph.freshName(name + "_h");
      graph.addInitializer(TensorValue.halves(stored, tensor.floats(), tensor.dims()));
      graph.removeInitializer(name);
      graph.add(
          OnnxNode.of(
              "Cast",
              "",
              List.of(stored),
              List.of(name),
              Attribute.integer("to", ElementType.FLOAT.code())));
      count++;
    }
    return Compressor.Outcome.of(graph, List.of("%d tensors stored as float16".formatted(count)));
  }

  /** Weights at 4 or 8 bits; embeddings and others that have no such form at 8. */
  static Compressor.Outcome few(
      OnnxGraph original, CompressionStep.WeightOnly step, CalibrationData data) {
    OnnxGraph graph = Simplification.of(original);
    Map<String, List<OnnxNode>> stored = WeightRows.stored(graph, LEAST_ELEMENTS);
    Map<String, double[]> grams =
        step.rounding() == CompressionStep.Rounding.NEAREST
            ? Map.of()
            : GramMatrices.collect(
                graph, stored.values().stream().map(List::getFirst).toList(), data, GRAM_IMAGES);
    ProductForms forms =
        ProductForms.of(
            graph,
            stored.values().stream().map(List::getFirst).filter(WeightRows::isMatrix).toList(),
            data);
    int matrices = 0;
    int convolutions = 0;
    int exact = 0;
    int widened = 0;
    for (List<OnnxNode> nodes : stored.values()) {
      OnnxNode first = nodes.getFirst();
      WeightRows rows = WeightRows.of(graph, first);
      boolean matrix = nodes.stream().allMatch(WeightRows::isMatrix);
      ProductForms.Form form =
          matrix
              ? forms.choose(first, rows, step.bits(), block(rows, step))
              : new ProductForms.Form(rows.columns(), 0);
      // What is widened at loading has one scale a channel: blocks of its own would not fold.
      int block = form.level() > 0 ? form.block() : rows.columns();
      BlockGrid grid = BlockGrid.of(rows.values(), rows.rows(), rows.columns(), step.bits(), block);
      double[] gram = grams.get(first.output());
      int[] integers =
          gram == null
              ? grid.nearest(rows.values())
              : switch (step.rounding()) {
                case NEAREST -> grid.nearest(rows.values());
                case GPTQ -> Gptq.round(rows.values(), grid, gram);
                case ADAROUND -> AdaRound.round(rows.values(), grid, gram, iterations(grid));
              };
      if (form.level() > 0) {
        writeMatrix(graph, nodes, grid, integers, form.level());
        matrices += nodes.size();
        exact += form.level() < 4 ? nodes.size() : 0;
      } else {
        widened += matrix ? nodes.size() : 0;
        writeConvolution(graph, nodes, rows, grid, integers);
        convolutions += nodes.size();
      }
    }
    graph.removeUnused();
    List<String> notes = new ArrayList<>();
    notes.add(
        "%d matrix products as MatMulNBits at %d bits, %d convolutions and others with %d-bit weights"
            .formatted(matrices, step.bits(), convolutions, step.bits()));
    if (exact + widened > 0) {
      notes.add(
          "%d products take inputs with outliers in single precision: rounding them would cost more than the weights do"
              .formatted(exact + widened));
    }
    notes.addAll(StoredBytes.apply(graph, Set.of()));
    graph.removeUnused();
    return Compressor.Outcome.of(graph, notes);
  }

  /** The block of those up to the wanted one that takes the fewest bytes: short rows are padded. */
  private static int block(WeightRows rows, CompressionStep.WeightOnly step) {
    int best = step.block();
    for (int block = step.block(); block >= 16; block /= 2) {
      if (bytes(rows, step.bits(), block) < bytes(rows, step.bits(), best)) {
        best = block;
      }
    }
    return best;
  }

  private static int bytes(WeightRows rows, int bits, int block) {
    return Math.ceilDiv(rows.columns(), block) * (block * bits / 8 + Float.BYTES);
  }

  private static int iterations(BlockGrid grid) {
    double work = (double) grid.rows() * grid.columns() * grid.columns();
    return (int) Math.clamp(ADAROUND_WORK / work, LEAST_ADAROUND_ITERATIONS, ADAROUND_ITERATIONS);
  }

  /** com.microsoft MatMulNBits, and its bias as a sum; tied weights are stored once. */
  private static void writeMatrix(
      OnnxGraph graph, List<OnnxNode> nodes, BlockGrid grid, int[] integers, int level) {
    String weight = nodes.getFirst().inputs().get(1);
    String[] constants = packed(graph, weight, grid, integers);
    for (OnnxNode node : nodes) {
      boolean biased = node.input(2).isPresent();
      String product = biased ? graph.freshName(node.output() + "_m") : node.output();
      List<OnnxNode> replacement = new ArrayList<>();
      replacement.add(
          product(node.name(), node.inputs().getFirst(), product, constants, grid, level));
      if (biased) {
        replacement.add(
            OnnxNode.of("Add", "", List.of(product, node.inputs().get(2)), List.of(node.output())));
      }
      graph.replace(node, replacement);
    }
  }

  /** Adds a product of few bits, with its constants. */
  static void addProduct(
      OnnxGraph graph,
      String name,
      String input,
      String output,
      String weight,
      BlockGrid grid,
      int[] integers,
      int level) {
    graph.add(product(name, input, output, packed(graph, weight, grid, integers), grid, level));
  }

  private static OnnxNode product(
      String name, String input, String output, String[] constants, BlockGrid grid, int level) {
    return OnnxNode.of(
        "com.microsoft",
        "MatMulNBits",
        name,
        List.of(input, constants[0], constants[1]),
        List.of(output),
        Attribute.integer("K", grid.columns()),
        Attribute.integer("N", grid.rows()),
        Attribute.integer("bits", grid.bits()),
        Attribute.integer("block_size", grid.block()),
        Attribute.integer("accuracy_level", level));
  }

  /** Weights [N, blocks, bytes of a block], zero in the middle, and their scales. */
  private static String[] packed(OnnxGraph graph, String weight, BlockGrid grid, int[] integers) {
    int bits = grid.bits();
    int bytes = grid.block() * bits / 8;
    byte[] packed = new byte[grid.rows() * grid.blocks() * bytes];
    int zero = 1 << bits - 1;
    for (int row = 0; row < grid.rows(); row++) {
      for (int column = 0; column < grid.blocks() * grid.block(); column++) {
        int value = zero + (column < grid.columns() ? integers[row * grid.columns() + column] : 0);
        int at = (row * grid.blocks() * grid.block() + column) * bits / 8;
        packed[at] |= (byte) (bits == 4 && column % 2 == 1 ? value << 4 : value);
      }
    }
    String stored = graph.freshName(weight + "_q");
    String scales = graph.freshName(weight + "_s");
    graph.addInitializer(TensorValue.uint8(stored, packed, grid.rows(), grid.blocks(), bytes));
    graph.addInitializer(TensorValue.floats(scales, grid.scales(), grid.scales().length));
    graph.opset("com.microsoft", 1);
    return new String[] {stored, scales};
  }

  /**
   * Cast → Mul, which ONNX Runtime folds; 4-bit weights are stored two a byte by Cast from int4.
   */
  private static void writeConvolution(
      OnnxGraph graph, List<OnnxNode> nodes, WeightRows rows, BlockGrid grid, int[] integers) {
    String weight = nodes.getFirst().inputs().get(1);
    int[] ordered = rows.inFileOrder(integers);
    byte[] bytes = new byte[ordered.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ordered[i];
    }
    String stored = graph.freshName(weight + "_q");
    String scales = graph.freshName(weight + "_s");
    String real = graph.freshName(weight + "_f");
    String scaled = graph.freshName(weight + "_w");
    long[] dims = rows.node().dims();
    graph.addInitializer(packed(stored, bytes, grid.bits(), graph.opset(), dims));
    long[] broadcast = new long[dims.length];
    java.util.Arrays.fill(broadcast, 1);
    broadcast[rows.node().outputAxis()] = rows.rows();
    graph.addInitializer(TensorValue.floats(scales, grid.scales(), broadcast));
    graph.add(
        OnnxNode.of(
            "Cast",
            "",
            List.of(stored),
            List.of(real),
            Attribute.integer("to", ElementType.FLOAT.code())));
    graph.add(OnnxNode.of("Mul", "", List.of(real, scales), List.of(scaled)));
    for (OnnxNode node : nodes) {
      graph.replace(node, List.of(node.withInput(1, scaled)));
    }
  }

  private static TensorValue packed(
      String name, byte[] integers, int bits, int opset, long... dims) {
    if (bits != 4 || opset < 21) {
      return TensorValue.int8(name, integers, dims);
    }
    byte[] pairs = new byte[(integers.length + 1) / 2];
    for (int i = 0; i < integers.length; i++) {
      pairs[i / 2] |= (byte) ((integers[i] & 15) << (i % 2 * 4));
    }
    return TensorValue.raw(name, ElementType.INT4, pairs, dims);
  }
}
