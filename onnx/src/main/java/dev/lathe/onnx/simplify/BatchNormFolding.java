package dev.lathe.onnx.simplify;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Folds batch norms into the convolutions and matrix products before them: W'[o] = W[o] g[o] and b'
 * = β + (b − μ) g with g = γ / √(σ² + ε) (Jacob et al., arXiv 1712.05877, section 3.2). Weights
 * that have a shape but no elements stay so, so that a graph that is only costed has the nodes of
 * the one that is run.
 */
public final class BatchNormFolding {
  private final OnnxGraph graph;

  /** The norm that alone reads a node's output, by that output. */
  private final Map<String, OnnxNode> norms = new HashMap<>();

  /** How often a value is taken, by nodes, nested graphs or as a result. */
  private final Map<String, Integer> uses = new HashMap<>();

  private final List<TensorValue> made = new ArrayList<>();

  private BatchNormFolding(OnnxGraph graph) {
    this.graph = graph;
  }

  /** Folds in place where weights and statistics are constants. */
  public static void apply(OnnxGraph graph) {
    new BatchNormFolding(graph).run();
  }

  private void run() {
    List<OnnxNode> nodes = List.copyOf(graph.nodes());
    graph.outputs().forEach(output -> uses.merge(output.name(), 1, Integer::sum));
    for (OnnxNode node : nodes) {
      for (String input : node.inputs()) {
        uses.merge(input, graph.isCaptured(input) ? 2 : 1, Integer::sum);
      }
      if (node.is("BatchNormalization")
          && node.integer("training_mode", 0) == 0
          && constants(node, 1, 5)) {
        norms.put(node.inputs().getFirst(), node);
      }
    }
    Set<String> folded = new HashSet<>();
    List<OnnxNode> kept = new ArrayList<>();
    for (OnnxNode node : nodes) {
      Optional<OnnxNode> norm = normBehind(node);
      if (norm.isPresent()) {
        folded.add(norm.get().output());
        kept.add(folded(node, norm.get()).withOutputs(List.of(norm.get().output())));
      } else if (node.outputs().isEmpty() || !folded.contains(node.output())) {
        kept.add(node);
      }
    }
    if (!folded.isEmpty()) {
      made.forEach(graph::addInitializer);
      graph.replaceAll(kept);
      graph.removeUnused();
    }
  }

  private Optional<OnnxNode> normBehind(OnnxNode node) {
    if (node.outputs().isEmpty()) {
      return Optional.empty();
    }
    OnnxNode norm = norms.get(node.output());
    return norm != null
            && (node.is("Conv") || node.is("Gemm") && isPlain(node))
            && constants(node, 1, node.inputs().size())
            && uses.getOrDefault(node.output(), 0) == 1
        ? Optional.of(norm)
        : Optional.empty();
  }

  /** Whether a Gemm is x · Wᵀ + b with weights [out, in]. */
  private static boolean isPlain(OnnxNode gemm) {
    return gemm.integer("transB", 0) != 0
        && gemm.integer("transA", 0) == 0
        && gemm.floating("alpha", 1) == 1
        && gemm.floating("beta", 1) == 1;
  }

  private boolean constants(OnnxNode node, int from, int to) {
    for (int i = from; i < to; i++) {
      Optional<TensorValue> tensor = node.input(i).flatMap(graph::initializer);
      if (tensor.isEmpty() || tensor.get().type() != ElementType.FLOAT) {
        return false;
      }
    }
    return true;
  }

  private OnnxNode folded(OnnxNode node, OnnxNode norm) {
    TensorValue weight = tensor(node, 1);
    int channels = Math.toIntExact(tensor(norm, 1).elements());
    String weightName =
        graph.consumers(weight.name()).size() == 1 ? weight.name() : graph.freshName(weight.name());
    String biasName = graph.freshName(label(node, weight) + ".b");
    if (weight.isShapeOnly()) {
      made.add(weight.named(weightName));
      made.add(TensorValue.shapeOnly(biasName, ElementType.FLOAT, channels));
    } else {
      float[] weights = weight.floats();
      float[] biases = node.input(2).isPresent() ? tensor(node, 2).floats() : new float[channels];
      fold(norm, weights, biases);
      made.add(TensorValue.floats(weightName, weights, weight.dims()));
      made.add(TensorValue.floats(biasName, biases, channels));
    }
    return node.withInputs(List.of(node.inputs().getFirst(), weightName, biasName));
  }

  private static String label(OnnxNode node, TensorValue weight) {
    return node.name().isEmpty() ? weight.name() : node.name();
  }

  private void fold(OnnxNode norm, float[] weights, float[] biases) {
    float[] scale = tensor(norm, 1).floats();
    float[] shift = tensor(norm, 2).floats();
    float[] mean = tensor(norm, 3).floats();
    float[] variance = tensor(norm, 4).floats();
    float epsilon = norm.floating("epsilon", 1e-5f);
    int each = weights.length / biases.length;
    for (int c = 0; c < biases.length; c++) {
      double gain = scale[c] / Math.sqrt((double) variance[c] + epsilon);
      for (int i = c * each; i < (c + 1) * each; i++) {
        weights[i] = (float) (weights[i] * gain);
      }
      biases[c] = (float) (shift[c] + ((double) biases[c] - mean[c]) * gain);
    }
  }

  private TensorValue tensor(OnnxNode node, int input) {
    return graph.initializer(node.inputs().get(input)).orElseThrow();
  }
}
