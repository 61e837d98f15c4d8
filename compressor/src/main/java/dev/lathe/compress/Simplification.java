package dev.lathe.compress;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.simplify.BatchNormFolding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings a graph into the form in which it is compressed, without changing what it computes:
 * constants become initializers, what depends on constants alone is computed, batch norms are
 * folded into the convolutions before them, factors of matrix products go into their weights,
 * operators that do nothing at inference are removed, spatial means become global pools.
 */
public final class Simplification {
  private final OnnxGraph graph;

  private Simplification(OnnxGraph graph) {
    this.graph = graph;
  }

  /** A simplified copy. */
  public static OnnxGraph of(OnnxGraph original) {
    OnnxGraph graph = original.copy();
    Simplification simplification = new Simplification(graph);
    simplification.constantsToInitializers();
    simplification.removeIdle();
    ConstantFolding.apply(graph);
    PlainProducts.apply(graph);
    BatchNormFolding.apply(graph);
    simplification.addBiases();
    simplification.meansToPools();
    graph.removeUnused();
    graph.forgetDeclared();
    return graph;
  }

  private void constantsToInitializers() {
    for (OnnxNode node : List.copyOf(graph.nodes())) {
      if (node.is("Constant") && !graph.isOutput(node.output())) {
        Optional<TensorValue> value = graph.constant(node.output());
        if (value.isPresent()) {
          graph.remove(node);
          graph.addInitializer(value.get());
        }
      }
    }
  }

  private void removeIdle() {
    for (OnnxNode node : List.copyOf(graph.nodes())) {
      boolean idle =
          node.is("Identity")
              || node.is("Dropout") && (node.outputs().size() < 2 || unused(node.outputs().get(1)));
      if (idle
          && !graph.isOutput(node.output())
          && !graph.isCaptured(node.output())
          && graph.producer(node.output()).filter(node::equals).isPresent()) {
        graph.redirect(node.output(), node.inputs().getFirst());
      }
    }
    graph.removeUnused();
  }

  private boolean unused(String value) {
    return value.isEmpty() || graph.consumers(value).isEmpty() && !graph.isOutput(value);
  }

  /** Gives every node with constant weights a bias of its own, so that later steps can move it. */
  private void addBiases() {
    for (OnnxNode node : List.copyOf(graph.nodes())) {
      if (!node.isOneOf("Conv", "Gemm") || graph.initializer(node.inputs().get(1)).isEmpty()) {
        continue;
      }
      Optional<TensorValue> bias = node.input(2).flatMap(graph::initializer);
      boolean shared = bias.isPresent() && graph.consumers(bias.get().name()).size() > 1;
      if (node.input(2).isPresent() && !shared) {
        continue;
      }
      String name = graph.freshName(node.inputs().get(1) + "_b");
      int channels =
          (int)
              graph
                  .initializer(node.inputs().get(1))
                  .get()
                  .dim(node.is("Gemm") && node.integer("transB", 0) == 0 ? 1 : 0);
      graph.addInitializer(
          shared
              ? bias.get().named(name)
              : TensorValue.floats(name, new float[channels], channels));
      List<String> inputs = new ArrayList<>(node.inputs().subList(0, 2));
      inputs.add(name);
      graph.replace(node, List.of(node.withInputs(inputs)));
    }
  }

  /** A mean over the last two of four dimensions is a global average pool. */
  private void meansToPools() {
    for (OnnxNode mean : List.copyOf(graph.nodes())) {
      if (!mean.is("ReduceMean")) {
        continue;
      }
      long[] axes =
          mean.input(1)
              .flatMap(graph::initializer)
              .map(TensorValue::longs)
              .orElseGet(() -> mean.ints("axes"));
      boolean spatial =
          axes.length == 2
              && (axes[0] == 2 && axes[1] == 3 || axes[0] == -2 && axes[1] == -1)
              && graph
                  .producer(mean.inputs().getFirst())
                  .filter(node -> isImageOperator(mean.inputs().getFirst()))
                  .isPresent();
      if (!spatial) {
        continue;
      }
      List<String> input = List.of(mean.inputs().getFirst());
      if (mean.integer("keepdims", 1) != 0) {
        graph.replace(
            mean, List.of(OnnxNode.of("GlobalAveragePool", mean.name(), input, mean.outputs())));
      } else {
        String pooled = graph.freshName(mean.output() + "_p");
        graph.replace(
            mean,
            List.of(
                OnnxNode.of("GlobalAveragePool", mean.name(), input, List.of(pooled)),
                OnnxNode.of(
                    "Flatten", "", List.of(pooled), mean.outputs(), Attribute.integer("axis", 1))));
      }
    }
  }

  /**
   * Whether a value certainly has the four dimensions of images: it comes from a 2-D convolution.
   */
  private boolean isImageOperator(String value) {
    String at = value;
    for (int steps = 0; steps < 8; steps++) {
      Optional<OnnxNode> producer = graph.producer(at);
      if (producer.isEmpty()) {
        return false;
      }
      OnnxNode node = producer.get();
      if (node.is("Conv")) {
        return graph.initializer(node.inputs().get(1)).filter(w -> w.rank() == 4).isPresent();
      }
      if (!node.isOneOf(
          "Relu", "Clip", "HardSwish", "Add", "Sigmoid", "LeakyRelu", "MaxPool", "Gelu")) {
        return false;
      }
      at = node.inputs().getFirst();
    }
    return false;
  }
}
