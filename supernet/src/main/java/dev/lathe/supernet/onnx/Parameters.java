package dev.lathe.supernet.onnx;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds what can be trained in an ONNX graph. */
final class Parameters {
  private final OnnxGraph graph;
  private final Map<String, Parameter> found = new LinkedHashMap<>();

  private Parameters(OnnxGraph graph) {
    this.graph = graph;
  }

  /**
   * The parameters by the value that they stand for, in the graph's order: weights, biases, scales
   * and shifts of norms, codebooks, factors; never moving averages, ranges of activations or
   * constants of an activation function.
   *
   * @throws OnnxException if there are none
   */
  static Map<String, Parameter> of(OnnxGraph graph) {
    Parameters parameters = new Parameters(graph);
    graph.nodes().forEach(parameters::visit);
    if (parameters.found.isEmpty()) {
      throw new OnnxException("the model has no weights that could be trained.");
    }
    return parameters.found;
  }

  private void visit(OnnxNode node) {
    if (node.opType().equals("MatMulNBits")) {
      blocks(node);
      return;
    }
    switch (node.opType()) {
      case "Conv", "ConvTranspose", "Gemm", "MatMul", "LayerNormalization" -> plain(node, 0, 1, 2);
      case "BatchNormalization" -> plain(node, 1, 2);
      case "Add" -> plain(node, 0, 1);
      case "Gather" -> plain(node, 0);
      case "DequantizeLinear" -> dequantized(node);
      case "Cast" -> stored(node);
      default -> {}
    }
  }

  private void plain(OnnxNode node, int... inputs) {
    for (int input : inputs) {
      constant(node, input)
          .filter(tensor -> tensor.type() == ElementType.FLOAT && tensor.elements() > 1)
          .ifPresent(tensor -> found.put(tensor.name(), new Parameter.Plain(tensor)));
    }
  }

  private Optional<TensorValue> constant(OnnxNode node, int input) {
    return node.input(input).flatMap(graph::initializer);
  }

  private void dequantized(OnnxNode node) {
    Optional<TensorValue> integers = constant(node, 0);
    if (integers.isEmpty() || integers.get().elements() < 2) {
      return;
    }
    if (node.integer("block_size", 0) > 0) {
      throw new OnnxException(
          "%s: weights in blocks cannot be trained. Maybe quantize by channel, or with MatMulNBits."
              .formatted(node.label()));
    }
    float[] scales =
        constant(node, 1)
            .map(TensorValue::floats)
            .orElseThrow(() -> new OnnxException(node.label() + ": its scale is no constant."));
    long[] zeros = constant(node, 2).map(TensorValue::longs).orElse(new long[scales.length]);
    int axis = (int) node.integer("axis", 1);
    found.put(
        node.output(),
        new Parameter.Dequantized(
            node, integers.get(), scales, zeros, axis < 0 ? axis + integers.get().rank() : axis));
  }

  private void stored(OnnxNode node) {
    Optional<TensorValue> tensor = constant(node, 0);
    if (node.integer("to", 0) != ElementType.FLOAT.code()
        || tensor.isEmpty()
        || tensor.get().elements() < 2) {
      return;
    }
    ElementType type = tensor.get().type();
    if (type == ElementType.FLOAT16) {
      found.put(node.output(), new Parameter.Stored(node, tensor.get(), 1));
    } else if (type == ElementType.INT8 || type == ElementType.INT4) {
      found.put(node.output(), new Parameter.Stored(node, tensor.get(), unit(node)));
    }
  }

  /** The mean scale that multiplies the stored integers. */
  private float unit(OnnxNode cast) {
    List<Float> scales = new ArrayList<>();
    for (OnnxNode consumer : graph.consumers(cast.output())) {
      if (consumer.is("Mul")) {
        for (int i = 0; i < 2; i++) {
          constant(consumer, i)
              .filter(tensor -> tensor.type() == ElementType.FLOAT)
              .ifPresent(
                  tensor -> {
                    for (float scale : tensor.floats()) {
                      scales.add(Math.abs(scale));
                    }
                  });
        }
      }
    }
    double mean = scales.stream().mapToDouble(Float::doubleValue).average().orElse(1);
    return mean > 0 ? (float) mean : 1;
  }

  private void blocks(OnnxNode node) {
    TensorValue packed =
        constant(node, 1)
            .orElseThrow(() -> new OnnxException(node.label() + ": its matrix is no constant."));
    float[] scales = constant(node, 2).map(TensorValue::floats).orElse(new float[0]);
    long bits = node.integer("bits", 4);
    if (node.input(3).isPresent() || scales.length == 0 || (bits != 4 && bits != 8)) {
      throw new OnnxException(
          "%s: only symmetric blocks of 4 or 8 bits can be trained.".formatted(node.label()));
    }
    found.put(packed.name(), new Parameter.Blocks(node, packed, scales));
  }
}
