package dev.lathe.compress.recipe;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.GramMatrices;
import dev.lathe.compress.Simplification;
import dev.lathe.compress.WeightRows;
import dev.lathe.compress.sparse.Masks;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import java.util.List;
import java.util.Map;

/** Sets weights of a model to zero. */
final class SparseWeights {
  private static final int LEAST_ELEMENTS = 256;
  private static final int GRAM_IMAGES = 64;

  private interface Mask {
    boolean[] of(WeightRows rows, double[] inputNorms);
  }

  private SparseWeights() {}

  static Compressor.Outcome prune(
      OnnxGraph original, double zeros, boolean dataAware, CalibrationData data) {
    return apply(
        original,
        dataAware,
        data,
        (rows, norms) -> Masks.rows(rows.values(), rows.rows(), rows.columns(), norms, zeros));
  }

  static Compressor.Outcome twoOfFour(OnnxGraph original, boolean dataAware, CalibrationData data) {
    return apply(
        original,
        dataAware,
        data,
        (rows, norms) -> {
          long[] dims = rows.node().dims();
          int positions = rows.isMatrix() ? 1 : (int) (dims[2] * dims[3]);
          return Masks.twoOfFour(rows.values(), rows.rows(), rows.columns(), positions, norms);
        });
  }

  private static Compressor.Outcome apply(
      OnnxGraph original, boolean dataAware, CalibrationData data, Mask mask) {
    OnnxGraph graph = Simplification.of(original);
    List<OnnxNode> nodes =
        WeightRows.nodes(graph, LEAST_ELEMENTS).stream()
            .filter(node -> node.integer("group", 1) == 1)
            .filter(node -> !node.is("Conv") || WeightRows.of(graph, node).node().dims()[1] >= 4)
            .toList();
    Map<String, double[]> grams =
        dataAware ? GramMatrices.collect(graph, nodes, data, GRAM_IMAGES) : Map.of();
    long zeroed = 0;
    long all = 0;
    for (OnnxNode node : nodes) {
      WeightRows rows = WeightRows.of(graph, node);
      double[] gram = grams.getOrDefault(node.output(), new double[0]);
      double[] norms = new double[gram.length == 0 ? 0 : rows.columns()];
      for (int i = 0; i < norms.length; i++) {
        norms[i] = Math.sqrt(gram[i * rows.columns() + i]);
      }
      boolean[] kept = mask.of(rows, norms);
      for (boolean keep : kept) {
        zeroed += keep ? 0 : 1;
      }
      all += kept.length;
      rows.write(graph, Masks.apply(rows.values(), kept));
    }
    return Compressor.Outcome.of(
        graph,
        List.of(
            "%d of %d weights of %d nodes are zero; ONNX Runtime computes them all the same"
                .formatted(zeroed, all, nodes.size())));
  }
}
