package dev.lathe.compress;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import java.util.List;

/**
 * Tells constants that are weights, which bear small errors, from others, such as the coordinates
 * of anchors, which do not.
 */
final class WeightReaders {
  private WeightReaders() {}

  /** Whether a constant is read, and by nobody but as weights or as a table. */
  static boolean readOnlyAsWeight(OnnxGraph graph, String constant) {
    List<OnnxNode> readers = graph.consumers(constant);
    return !readers.isEmpty()
        && readers.stream().allMatch(reader -> isWeight(graph, reader, constant));
  }

  private static boolean isWeight(OnnxGraph graph, OnnxNode reader, String value) {
    if (reader.inputs().contains(value)) {
      return switch (reader.opType()) {
        case "Transpose", "Reshape", "Identity", "Squeeze", "Unsqueeze" ->
            reader.inputs().indexOf(value) == 0
                && !graph.isOutput(reader.output())
                && readOnlyAsWeight(graph, reader.output());
        default -> takesWeight(reader.proto(), reader.inputs().lastIndexOf(value));
      };
    }
    return nested(reader.proto(), value);
  }

  private static boolean takesWeight(NodeProto node, int input) {
    return switch (node.getOpType()) {
      case "Gather" -> input == 0;
      case "EmbedLayerNormalization" -> input >= 2 && input <= 4;
      case "LSTM", "GRU", "RNN", "DynamicQuantizeLSTM" -> input == 1 || input == 2;
      case "MatMul", "FusedMatMul", "Gemm", "FusedGemm", "Einsum", "TransposeMatMul" -> input <= 1;
      case "Conv", "ConvTranspose", "FusedConv", "Attention", "MultiHeadAttention" -> input == 1;
      default -> false;
    };
  }

  /** Whether nested graphs read a value, and only as weights. */
  private static boolean nested(NodeProto node, String value) {
    boolean found = false;
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        for (NodeProto inner : attribute.getG().getNodeList()) {
          int at = inner.getInputList().indexOf(value);
          if (at >= 0 && !takesWeight(inner, at)) {
            return false;
          }
          found |= at >= 0 || nested(inner, value);
        }
        if (gives(attribute.getG(), value)) {
          return false;
        }
      }
    }
    return found;
  }

  private static boolean gives(GraphProto graph, String value) {
    return graph.getOutputList().stream().anyMatch(output -> output.getName().equals(value));
  }
}
