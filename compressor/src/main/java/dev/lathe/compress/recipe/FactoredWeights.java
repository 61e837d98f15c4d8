package dev.lathe.compress.recipe;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.GramMatrices;
import dev.lathe.compress.Simplification;
import dev.lathe.compress.WeightRows;
import dev.lathe.compress.factor.Factors;
import dev.lathe.compress.factor.Monarch;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Replaces weights by products of smaller ones, in plain ONNX operators. */
final class FactoredWeights {
  private static final int LEAST_ELEMENTS = 4096;
  private static final int LARGEST_SIDE = 1024;
  private static final int GRAM_IMAGES = 64;

  private FactoredWeights() {}

  /**
   * Two products of a rank such that parameters are {@code share} of before; where a node has more
   * than 1024 inputs, blind to their distribution.
   */
  static Compressor.Outcome lowRank(OnnxGraph original, double share, CalibrationData data) {
    OnnxGraph graph = Simplification.of(original);
    List<OnnxNode> nodes =
        WeightRows.nodes(graph, LEAST_ELEMENTS).stream()
            .filter(node -> node.integer("group", 1) == 1)
            .filter(node -> smallerSide(WeightRows.of(graph, node)) <= LARGEST_SIDE)
            .toList();
    List<OnnxNode> aware =
        nodes.stream()
            .filter(node -> WeightRows.of(graph, node).columns() <= LARGEST_SIDE)
            .toList();
    Map<String, double[]> grams = GramMatrices.collect(graph, aware, data, GRAM_IMAGES);
    int count = 0;
    for (OnnxNode node : nodes) {
      WeightRows rows = WeightRows.of(graph, node);
      if (!WeightRows.isMatrix(node) && !node.is("Conv")) {
        continue;
      }
      int rank = (int) (share * rows.rows() * rows.columns() / (rows.rows() + rows.columns()));
      if (rank < 1) {
        continue;
      }
      double[] gram = grams.get(node.output());
      Factors factors =
          gram == null
              ? Factors.of(doubles(rows.values()), rows.rows(), rows.columns(), rank)
              : Factors.of(doubles(rows.values()), rows.rows(), rows.columns(), rank, gram);
      if (node.is("Conv")) {
        splitConvolution(graph, node, rows, factors);
      } else {
        splitMatrix(graph, node, rows, factors);
      }
      count++;
    }
    graph.removeUnused();
    return Compressor.Outcome.of(graph, List.of("%d nodes as products of two".formatted(count)));
  }

  private static int smallerSide(WeightRows rows) {
    return Math.min(rows.rows(), rows.columns());
  }

  private static void splitConvolution(
      OnnxGraph graph, OnnxNode node, WeightRows rows, Factors factors) {
    long[] dims = rows.node().dims().clone();
    dims[0] = factors.rank();
    String weight = node.inputs().get(1);
    String first = graph.freshName(weight + "_1");
    String second = graph.freshName(weight + "_2");
    String inner = graph.freshName(node.output() + "_r");
    graph.addInitializer(TensorValue.floats(first, floats(factors.right()), dims));
    long[] point = new long[dims.length];
    java.util.Arrays.fill(point, 1);
    point[0] = rows.rows();
    point[1] = factors.rank();
    long[] kernel = java.util.Arrays.copyOfRange(point, 2, point.length);
    graph.addInitializer(TensorValue.floats(second, floats(factors.left()), point));
    List<String> secondInputs = new ArrayList<>(List.of(inner, second));
    node.input(2).ifPresent(secondInputs::add);
    graph.replace(
        node,
        List.of(
            node.withInputs(List.of(node.inputs().getFirst(), first))
                .withOutputs(List.of(inner))
                .withName(graph.freshName(node.name() + "_1")),
            OnnxNode.of(
                "Conv",
                node.name(),
                secondInputs,
                node.outputs(),
                Attribute.ints("kernel_shape", kernel))));
  }

  private static void splitMatrix(
      OnnxGraph graph, OnnxNode node, WeightRows rows, Factors factors) {
    String weight = node.inputs().get(1);
    String first = graph.freshName(weight + "_1");
    String second = graph.freshName(weight + "_2");
    String inner = graph.freshName(node.output() + "_r");
    int rank = factors.rank();
    graph.addInitializer(
        TensorValue.floats(
            first,
            floats(swapped(factors.right(), 1, rank, rows.columns())),
            rows.columns(),
            rank));
    graph.addInitializer(
        TensorValue.floats(
            second, floats(swapped(factors.left(), 1, rows.rows(), rank)), rank, rows.rows()));
    List<OnnxNode> nodes = new ArrayList<>();
    nodes.add(
        OnnxNode.of(
            "MatMul",
            graph.freshName(node.name() + "_1"),
            List.of(node.inputs().getFirst(), first),
            List.of(inner)));
    product(graph, node, inner, second, nodes);
    graph.replace(node, nodes);
  }

  /** Adds the last product of a replaced node, with its bias where it has one. */
  private static void product(
      OnnxGraph graph, OnnxNode node, String inner, String weight, List<OnnxNode> nodes) {
    boolean biased = node.input(2).isPresent();
    String product = biased ? graph.freshName(node.output() + "_m") : node.output();
    nodes.add(OnnxNode.of("MatMul", node.name(), List.of(inner, weight), List.of(product)));
    if (biased) {
      nodes.add(
          OnnxNode.of("Add", "", List.of(product, node.inputs().get(2)), List.of(node.output())));
    }
  }

  /** Matrix products with matrices of at least 64 rows and columns as Monarch matrices. */
  static Compressor.Outcome monarch(OnnxGraph original, CompressionStep.MonarchMatrices step) {
    int blocks = step.blocks();
    OnnxGraph graph = Simplification.of(original);
    int count = 0;
    List<String> notes = new ArrayList<>();
    for (OnnxNode node : WeightRows.nodes(graph, LEAST_ELEMENTS)) {
      WeightRows rows = WeightRows.of(graph, node);
      if (!WeightRows.isMatrix(node)) {
        continue;
      }
      int rank = step.rank(rows.rows(), rows.columns());
      boolean divided = rows.columns() % blocks == 0 && rows.rows() % blocks == 0;
      if (!divided || rank > Math.min(rows.rows(), rows.columns()) / blocks) {
        notes.add(
            "%s left alone: %d blocks of rank %d do not fit %d x %d"
                .formatted(node.label(), blocks, rank, rows.rows(), rows.columns()));
        continue;
      }
      Monarch monarch =
          Monarch.project(
              doubles(rows.values()), rows.rows(), rows.columns(), blocks, blocks, rank);
      if (monarch.parameters() < rows.values().length) {
        writeMonarch(graph, node, monarch);
        count++;
      }
    }
    graph.removeUnused();
    notes.add("%d matrices as Monarch matrices of %d x %d blocks".formatted(count, blocks, blocks));
    return Compressor.Outcome.of(graph, notes);
  }

  /**
   * Reshape [−1, k, i] → Transpose → MatMul (k, i, j·r) → Transpose → MatMul (j, k·r, l) →
   * Transpose → Reshape. The result has two dimensions, as that of Gemm; after MatMul the input's
   * leading dimensions are restored from its shape.
   */
  private static void writeMonarch(OnnxGraph graph, OnnxNode node, Monarch m) {
    String prefix = node.inputs().get(1);
    int inner = m.j() * m.rank();
    int outer = m.k() * m.rank();
    double[] first = swapped(m.first(), m.k(), inner, m.i());
    double[] second = swapped(m.second(), m.j(), m.l(), outer);
    String firstName = graph.freshName(prefix + "_1");
    String secondName = graph.freshName(prefix + "_2");
    graph.addInitializer(TensorValue.floats(firstName, floats(first), m.k(), m.i(), inner));
    graph.addInitializer(TensorValue.floats(secondName, floats(second), m.j(), outer, m.l()));
    List<OnnxNode> nodes = new ArrayList<>();
    String x = node.inputs().getFirst();
    String at = reshape(graph, nodes, x, prefix, -1, m.k(), m.i());
    at = transpose(graph, nodes, at, prefix, 1, 0, 2);
    at = matMul(graph, nodes, at, firstName, prefix);
    if (m.rank() == 1) {
      at = transpose(graph, nodes, at, prefix, 2, 1, 0);
    } else {
      // [k, batch, j · r] to [j, batch, k · r]; 0 keeps a dimension.
      at = reshape(graph, nodes, at, prefix, 0, 0, m.j(), m.rank());
      at = transpose(graph, nodes, at, prefix, 2, 1, 0, 3);
      at = reshape(graph, nodes, at, prefix, 0, 0, outer);
    }
    at = matMul(graph, nodes, at, secondName, prefix);
    // [j, batch, l] to [batch, l, j]
    at = transpose(graph, nodes, at, prefix, 1, 2, 0);
    if (node.is("Gemm")) {
      at = reshape(graph, nodes, at, prefix, -1, (long) m.l() * m.j());
    } else {
      at = restore(graph, nodes, at, x, prefix, (long) m.l() * m.j());
    }
    if (node.input(2).isPresent()) {
      nodes.add(OnnxNode.of("Add", node.name(), List.of(at, node.inputs().get(2)), node.outputs()));
    } else {
      nodes.add(OnnxNode.of("Identity", node.name(), List.of(at), node.outputs()));
    }
    graph.replace(node, nodes);
  }

  /** Matrices of rows × columns, each transposed. */
  private static double[] swapped(double[] matrices, int count, int rows, int columns) {
    double[] out = new double[matrices.length];
    for (int n = 0; n < count; n++) {
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          out[(n * columns + column) * rows + row] = matrices[(n * rows + row) * columns + column];
        }
      }
    }
    return out;
  }

  private static String reshape(
      OnnxGraph graph, List<OnnxNode> nodes, String value, String prefix, long... shape) {
    String target = graph.freshName(prefix + "_n");
    graph.addInitializer(TensorValue.int64(target, shape, shape.length));
    String out = graph.freshName(prefix + "_v");
    nodes.add(OnnxNode.of("Reshape", "", List.of(value, target), List.of(out)));
    return out;
  }

  /** Reshapes to the leading dimensions of {@code like} and a last one. */
  private static String restore(
      OnnxGraph graph, List<OnnxNode> nodes, String value, String like, String prefix, long last) {
    String shape = graph.freshName(prefix + "_v");
    nodes.add(OnnxNode.of("Shape", "", List.of(like), List.of(shape)));
    String lead = graph.freshName(prefix + "_v");
    String zero = graph.freshName(prefix + "_n");
    String minus = graph.freshName(prefix + "_n");
    String end = graph.freshName(prefix + "_n");
    graph.addInitializer(TensorValue.int64(zero, new long[] {0}, 1));
    graph.addInitializer(TensorValue.int64(minus, new long[] {-1}, 1));
    graph.addInitializer(TensorValue.int64(end, new long[] {last}, 1));
    nodes.add(OnnxNode.of("Slice", "", List.of(shape, zero, minus), List.of(lead)));
    String target = graph.freshName(prefix + "_v");
    nodes.add(
        OnnxNode.of(
            "Concat", "", List.of(lead, end), List.of(target), Attribute.integer("axis", 0)));
    String out = graph.freshName(prefix + "_v");
    nodes.add(OnnxNode.of("Reshape", "", List.of(value, target), List.of(out)));
    return out;
  }

  private static String transpose(
      OnnxGraph graph, List<OnnxNode> nodes, String value, String prefix, long... order) {
    String out = graph.freshName(prefix + "_v");
    nodes.add(
        OnnxNode.of("Transpose", "", List.of(value), List.of(out), Attribute.ints("perm", order)));
    return out;
  }

  private static String matMul(
      OnnxGraph graph, List<OnnxNode> nodes, String value, String weight, String prefix) {
    String out = graph.freshName(prefix + "_v");
    nodes.add(OnnxNode.of("MatMul", "", List.of(value, weight), List.of(out)));
    return out;
  }

  private static double[] doubles(float[] values) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i];
    }
    return out;
  }

  private static float[] floats(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }
}
