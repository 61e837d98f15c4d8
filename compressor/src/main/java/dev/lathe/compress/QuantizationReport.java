package dev.lathe.compress;

import java.util.List;

/**
 * What quantization did to a model.
 *
 * @param nodes the fusion report: one entry a node of the (simplified) original, in order
 * @param tensors one entry a quantized activation, in order
 * @param floatBytes bytes of the original file
 * @param bytes bytes of the quantized file
 * @param outputDecibels signal to noise of the worst output, over the items checked
 * @param fusionDecibels agreement of ONNX Runtime's optimised graph with the graph as written
 * @param imagesCalibrated items of the calibration data used
 * @param seconds that quantization took, checks included
 */
public record QuantizationReport(
    List<NodeOutcome> nodes,
    List<TensorError> tensors,
    long floatBytes,
    long bytes,
    double outputDecibels,
    double fusionDecibels,
    int imagesCalibrated,
    double seconds) {
  public QuantizationReport {
    nodes = List.copyOf(nodes);
    tensors = List.copyOf(tensors);
  }

  /** Nodes that ONNX Runtime computes with integers. */
  public long integerNodes() {
    return nodes.stream().filter(node -> node.form() == NodeOutcome.Form.INTEGER).count();
  }

  /** Nodes that it computes with floating-point numbers. */
  public long floatNodes() {
    return nodes.stream().filter(node -> node.form() == NodeOutcome.Form.FLOAT).count();
  }
}
