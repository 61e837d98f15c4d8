package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;

/**
 * The constants of a Conv, ConvTranspose, Gemm or MatMul.
 *
 * @param node the node
 * @param weight its weights, elements in the tensor's own order
 * @param dims of the weights
 * @param outputAxis which of the dimensions counts output channels
 * @param bias one number an output channel; empty if the node has none
 */
public record WeightedNode(
    OnnxNode node, float[] weight, long[] dims, int outputAxis, float[] bias) {
  public static WeightedNode of(OnnxGraph graph, OnnxNode node) {
    TensorValue weight = graph.initializer(node.inputs().get(1)).orElseThrow();
    float[] bias =
        node.input(2).flatMap(graph::initializer).map(TensorValue::floats).orElse(new float[0]);
    int axis =
        switch (node.opType()) {
          case "Conv" -> 0;
          case "Gemm" -> node.integer("transB", 0) != 0 ? 0 : 1;
          default -> 1;
        };
    return new WeightedNode(node, weight.floats(), weight.dims(), axis, bias);
  }

  /** Output channels. */
  public int channels() {
    return (int) dims[outputAxis];
  }

  /** Weights of one output channel. */
  public int fanIn() {
    return weight.length / channels();
  }

  /** Where the {@code k}-th weight of an output channel lies. */
  public int index(int channel, int k) {
    if (outputAxis == 0) {
      return channel * fanIn() + k;
    }
    // Output channels second, positions of a kernel behind them.
    int positions = positions();
    return (k / positions * channels() + channel) * positions + k % positions;
  }

  /** Weights of a kernel for one input and one output channel; 1 for a matrix. */
  private int positions() {
    int positions = 1;
    for (int axis = 2; axis < dims.length; axis++) {
      positions *= (int) dims[axis];
    }
    return positions;
  }

  /** The weights of one output channel. */
  public float[] channel(int channel) {
    float[] values = new float[fanIn()];
    for (int k = 0; k < values.length; k++) {
      values[k] = weight[index(channel, k)];
    }
    return values;
  }

  /** Input channels, those of all groups together. */
  public int inputChannels() {
    return node.is("Conv")
        ? (int) (dims[1] * node.integer("group", 1))
        : (int) dims[1 - outputAxis];
  }

  /** The input channel that the {@code k}-th weight of an output channel multiplies. */
  public int inputChannel(int channel, int k) {
    if (!node.is("Conv")) {
      return k;
    }
    int perGroup = (int) dims[1];
    int positions = fanIn() / perGroup;
    int outputsPerGroup = channels() / (int) node.integer("group", 1);
    return channel / outputsPerGroup * perGroup + k / positions;
  }
}
