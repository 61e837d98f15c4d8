package dev.lathe.compress.recipe;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.GramMatrices;
import dev.lathe.compress.Simplification;
import dev.lathe.compress.WeightRows;
import dev.lathe.compress.sparse.Masks;
import dev.lathe.compress.sparse.QuadOrder;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.space.elastic.Cut;
import dev.lathe.space.elastic.ElasticStructure;
import dev.lathe.space.elastic.Reader;
import dev.lathe.space.elastic.WidthGroup;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

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

  static Compressor.Outcome twoOfFour(
      OnnxGraph original, CompressionStep.TwoOfFour step, CalibrationData data) {
    OnnxGraph graph = Simplification.of(original);
    Permuted permuted =
        step.permute() ? permute(graph, step.dataAware(), data) : new Permuted(graph, 0);
    Compressor.Outcome outcome = masked(permuted.graph(), step, data);
    return Compressor.Outcome.of(
        outcome.model(),
        List.of(
            outcome.notes().getFirst(),
            "%d groups of channels reordered so that more stays".formatted(permuted.groups())));
  }

  private static Compressor.Outcome masked(
      OnnxGraph graph, CompressionStep.TwoOfFour step, CalibrationData data) {
    return apply(
        graph,
        step.dataAware(),
        data,
        (rows, norms) -> {
          long[] dims = rows.node().dims();
          int positions = 1;
          for (int axis = 2; axis < dims.length; axis++) {
            positions *= (int) dims[axis];
          }
          return Masks.twoOfFour(rows.values(), rows.rows(), rows.columns(), positions, norms);
        });
  }

  /** A graph, and how many groups of its channels are in another order. */
  private record Permuted(OnnxGraph graph, int groups) {}

  /** Orders input channels such that two of four keep much. */
  private static Permuted permute(OnnxGraph graph, boolean dataAware, CalibrationData data) {
    Set<String> masked = new HashSet<>();
    nodes(graph).forEach(node -> masked.add(node.output()));
    Map<String, double[]> grams =
        dataAware ? GramMatrices.collect(graph, nodes(graph), data, GRAM_IMAGES) : Map.of();
    ElasticStructure structure = ElasticStructure.of(graph);
    int[][] orders = new int[structure.groups().size()][];
    int count = 0;
    for (int g = 0; g < orders.length; g++) {
      WidthGroup group = structure.groups().get(g);
      List<double[]> importance = new ArrayList<>();
      for (Reader reader : group.readers()) {
        if (masked.contains(reader.node()) && isAll(structure, g, reader)) {
          addImportance(graph, reader.node(), grams, group.size(), importance);
        }
      }
      orders[g] =
          importance.isEmpty()
              ? IntStream.range(0, group.size()).toArray()
              : QuadOrder.of(importance.toArray(double[][]::new), new SplittableRandom(count + 1));
      count += importance.isEmpty() ? 0 : 1;
    }
    return new Permuted(Cut.of(structure, orders, Set.of()).graph(), count);
  }

  /** Whether a reader reads the channels of one group alone, in their order. */
  private static boolean isAll(ElasticStructure structure, int group, Reader reader) {
    int[] ranks = structure.ranks(group, reader.weight(), reader.weightAxis());
    int each = ranks.length / structure.groups().get(group).size();
    return IntStream.range(0, ranks.length).allMatch(i -> ranks[i] == i / Math.max(1, each));
  }

  /** One row an output channel and position of the kernel. */
  private static void addImportance(
      OnnxGraph graph,
      String output,
      Map<String, double[]> grams,
      int channels,
      List<double[]> importance) {
    WeightRows rows = WeightRows.of(graph, graph.producer(output).orElseThrow());
    double[] norms = norms(rows, grams.getOrDefault(output, new double[0]));
    int each = rows.columns() / channels;
    for (int row = 0; row < rows.rows(); row++) {
      for (int position = 0; position < each; position++) {
        double[] line = new double[channels];
        for (int channel = 0; channel < channels; channel++) {
          int column = channel * each + position;
          double weight = Math.abs(rows.values()[row * rows.columns() + column]);
          line[channel] = norms.length == 0 ? weight : weight * norms[column];
        }
        importance.add(line);
      }
    }
  }

  private static List<OnnxNode> nodes(OnnxGraph graph) {
    return WeightRows.nodes(graph, LEAST_ELEMENTS).stream()
        .filter(node -> node.integer("group", 1) == 1)
        .filter(node -> !node.is("Conv") || WeightRows.of(graph, node).node().dims()[1] >= 4)
        .toList();
  }

  /** Root mean square of each column's input; empty without a Gram matrix. */
  private static double[] norms(WeightRows rows, double[] gram) {
    double[] norms = new double[gram.length == 0 ? 0 : rows.columns()];
    for (int i = 0; i < norms.length; i++) {
      norms[i] = Math.sqrt(gram[i * rows.columns() + i]);
    }
    return norms;
  }

  private static Compressor.Outcome apply(
      OnnxGraph original, boolean dataAware, CalibrationData data, Mask mask) {
    OnnxGraph graph = Simplification.of(original);
    List<OnnxNode> nodes = nodes(graph);
    Map<String, double[]> grams =
        dataAware ? GramMatrices.collect(graph, nodes, data, GRAM_IMAGES) : Map.of();
    long zeroed = 0;
    long all = 0;
    for (OnnxNode node : nodes) {
      WeightRows rows = WeightRows.of(graph, node);
      boolean[] kept = mask.of(rows, norms(rows, grams.getOrDefault(node.output(), new double[0])));
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
