package dev.lathe.supernet.onnx;

import dev.lathe.graph.NormStatistics;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.supernet.Examples;
import dev.lathe.supernet.program.NormEstimate;
import dev.lathe.supernet.program.Norms;
import dev.lathe.supernet.program.Program;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * Batch norms that a graph still has, with mean and variance taken anew: what lies before them has
 * been cut, so that their statistics are those of another network (Yu and Huang, arXiv:1903.05134,
 * §3.3).
 */
public final class NormRefresh {
  private static final String NORM = "BatchNormalization";
  private static final int MEAN = 3;
  private static final int VARIANCE = 4;

  private NormRefresh() {}

  /** Whether a graph has batch norms with statistics of their own. */
  public static boolean applies(OnnxGraph graph) {
    return graph.nodes().stream().anyMatch(node -> isNorm(graph, node));
  }

  private static boolean isNorm(OnnxGraph graph, OnnxNode node) {
    return node.is(NORM)
        && node.outputs().size() == 1
        && node.input(MEAN).flatMap(graph::initializer).isPresent()
        && node.input(VARIANCE).flatMap(graph::initializer).isPresent();
  }

  /**
   * A copy of a graph with statistics averaged over batches of examples.
   *
   * @param batch examples in each, at most
   * @throws dev.lathe.onnx.OnnxException naming an operator that cannot be run
   */
  public static OnnxGraph of(OnnxGraph graph, Examples examples, int batch) {
    OnnxGraph model = named(graph);
    NormStatistics statistics = estimate(model, examples, batch);
    for (OnnxNode node : List.copyOf(model.nodes())) {
      if (isNorm(model, node)) {
        NormStatistics.Moments moments = statistics.of(node.name());
        String mean = constant(model, node.name() + ".mean", moments.mean());
        String variance = constant(model, node.name() + ".variance", moments.variance());
        model.replace(node, List.of(node.withInput(MEAN, mean).withInput(VARIANCE, variance)));
      }
    }
    model.removeUnused();
    return model;
  }

  private static String constant(OnnxGraph model, String prefix, float[] values) {
    return model.addConstant(TensorValue.floats(model.freshName(prefix), values, values.length));
  }

  /** A copy whose norms have names of their own, by which statistics are told apart. */
  private static OnnxGraph named(OnnxGraph graph) {
    OnnxGraph model = graph.copy();
    Set<String> names = new LinkedHashSet<>();
    for (OnnxNode node : List.copyOf(model.nodes())) {
      if (node.is(NORM) && (node.name().isEmpty() || !names.add(node.name()))) {
        String name = "norm of " + node.output();
        names.add(name);
        model.replace(node, List.of(node.withName(name)));
      }
    }
    return model;
  }

  private static NormStatistics estimate(OnnxGraph model, Examples examples, int batch) {
    try (Program program = Program.of(model, Set.of());
        NormEstimate estimate = new NormEstimate();
        NoGradGuard _ = new NoGradGuard()) {
      Norms norms = new Norms.Estimated(estimate);
      for (int[] indices : batches(examples.size(), batch)) {
        estimate.nextBatch();
        try (PointerScope _ = new PointerScope()) {
          program.run(
              examples.batch(indices, new SplittableRandom(0)).inputs(),
              parameter -> {
                throw new IllegalStateException(parameter);
              },
              norms);
        }
      }
      return estimate.statistics();
    }
  }

  /** Whole batches; one smaller if there are fewer examples than fill it. */
  private static List<int[]> batches(int size, int batch) {
    List<int[]> batches = new ArrayList<>();
    int each = Math.min(size, batch);
    for (int from = 0; from + each <= size; from += each) {
      batches.add(IntStream.range(from, from + each).toArray());
    }
    return batches;
  }
}
