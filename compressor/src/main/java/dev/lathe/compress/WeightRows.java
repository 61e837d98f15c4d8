package dev.lathe.compress;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The weights of a Conv, Gemm or MatMul as a matrix of one row an output channel, whichever way the
 * file has them: the form in which weights are compressed.
 *
 * @param node the node
 * @param rows output channels
 * @param columns weights of an output channel; for a convolution [input channel, kernel]
 * @param values row-major
 */
public record WeightRows(WeightedNode node, int rows, int columns, float[] values) {
  public static WeightRows of(OnnxGraph graph, OnnxNode node) {
    WeightedNode weighted = WeightedNode.of(graph, node);
    int rows = weighted.channels();
    int columns = weighted.fanIn();
    float[] values = new float[rows * columns];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(weighted.channel(row), 0, values, row * columns, columns);
    }
    return new WeightRows(weighted, rows, columns, values);
  }

  /**
   * Nodes of a graph whose constant weights, of at least {@code least} elements, can be changed.
   */
  public static List<OnnxNode> nodes(OnnxGraph graph, int least) {
    return graph.nodes().stream()
        .filter(node -> node.isOneOf("Conv", "Gemm", "MatMul"))
        .filter(
            node -> {
              Optional<TensorValue> weight = graph.initializer(node.inputs().get(1));
              return weight.isPresent()
                  && weight.get().type() == ElementType.FLOAT
                  && weight.get().elements() >= least
                  && weight.get().rank() >= 2
                  && (node.is("Conv") || weight.get().rank() == 2)
                  && graph.consumers(weight.get().name()).size() == 1;
            })
        .toList();
  }

  /**
   * Constant weights, of at least {@code least} elements, and the nodes that multiply with them:
   * more than one where weights are tied. Transposed convolutions of one group are among them.
   *
   * @return nodes by the name of their weights
   */
  public static Map<String, List<OnnxNode>> stored(OnnxGraph graph, int least) {
    Map<String, List<OnnxNode>> stored = new LinkedHashMap<>();
    for (TensorValue weight : graph.initializers()) {
      List<OnnxNode> readers = graph.consumers(weight.name());
      boolean fits =
          weight.type() == ElementType.FLOAT
              && weight.elements() >= least
              && weight.rank() >= 2
              && !graph.isOutput(weight.name())
              && !graph.isCaptured(weight.name())
              && !readers.isEmpty()
              && readers.stream()
                  .allMatch(
                      node ->
                          node.isOneOf("Conv", "ConvTranspose", "Gemm", "MatMul")
                              && node.inputs().lastIndexOf(weight.name()) == 1
                              && !node.inputs().getFirst().equals(weight.name())
                              && (weight.rank() == 2 || node.isOneOf("Conv", "ConvTranspose")))
              && readers.stream().map(node -> axis(node)).distinct().count() == 1;
      if (fits) {
        stored.put(weight.name(), readers);
      }
    }
    return stored;
  }

  private static int axis(OnnxNode node) {
    return switch (node.opType()) {
      case "Conv" -> 0;
      case "Gemm" -> node.integer("transB", 0) != 0 ? 0 : 1;
      default -> 1;
    };
  }

  /** Whether a node is a plain matrix product: not a convolution, no factors. */
  public static boolean isMatrix(OnnxNode node) {
    return node.isOneOf("Gemm", "MatMul")
        && node.floating("alpha", 1) == 1
        && node.floating("beta", 1) == 1
        && node.integer("transA", 0) == 0;
  }

  /** Rows of the same shape, as the file has them. */
  public float[] inFileOrder(float[] changed) {
    float[] out = new float[changed.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        out[node.index(row, column)] = changed[row * columns + column];
      }
    }
    return out;
  }

  /** Integers of the same shape, as the file has them. */
  public int[] inFileOrder(int[] changed) {
    int[] out = new int[changed.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        out[node.index(row, column)] = changed[row * columns + column];
      }
    }
    return out;
  }

  /** Puts changed rows in the place of the node's weights. */
  public void write(OnnxGraph graph, float[] changed) {
    graph.addInitializer(
        TensorValue.floats(node.node().inputs().get(1), inFileOrder(changed), node.dims()));
  }
}
