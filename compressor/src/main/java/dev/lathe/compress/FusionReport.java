package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds out, from the graph that ONNX Runtime really runs, which nodes became integer. */
final class FusionReport {
  private FusionReport() {}

  /**
   * One outcome a node of the simplified original.
   *
   * @param names name in the quantized model of each value's integers, or of the value itself
   * @param unfused why a node that was quantized is not integer
   */
  static List<NodeOutcome> of(
      OnnxGraph original,
      IntegerPlan plan,
      OnnxGraph quantized,
      Map<String, String> names,
      Map<String, Double> weightDecibels,
      String unfused) {
    Map<OnnxNode, String> tags = new HashMap<>();
    OnnxGraph running = OrtModel.optimizedGraph(tagged(original, plan, quantized, names, tags));
    Map<String, String> operators = new HashMap<>();
    for (OnnxNode node : running.nodes()) {
      // Transposes that ONNX Runtime puts around a node carry its name too.
      int end = node.name().indexOf('|');
      if (end > 0 && !isMove(node)) {
        operators.put(node.name().substring(0, end + 1), node.opType());
      }
    }
    List<NodeOutcome> outcomes = new ArrayList<>();
    for (OnnxNode node : original.nodes()) {
      String name = IntegerPlan.nameOf(node);
      double decibels = weightDecibels.getOrDefault(name, Double.NaN);
      outcomes.add(
          switch (plan.role(node)) {
            case ABSORBED, PASSING ->
                new NodeOutcome(name, node.opType(), NodeOutcome.Form.ABSORBED, "", "", Double.NaN);
            case FLOAT ->
                new NodeOutcome(
                    name, node.opType(), NodeOutcome.Form.FLOAT, "", plan.reason(node), Double.NaN);
            case WEIGHTED, FOLLOWING ->
                planned(node, name, operators.getOrDefault(tags.get(node), ""), decibels, unfused);
          });
    }
    return outcomes;
  }

  private static boolean isMove(OnnxNode node) {
    return Set.of("Transpose", "QuantizeLinear", "DequantizeLinear").contains(node.opType());
  }

  /** The quantized model with a recognisable name for each node that should become integer. */
  private static byte[] tagged(
      OnnxGraph original,
      IntegerPlan plan,
      OnnxGraph quantized,
      Map<String, String> names,
      Map<OnnxNode, String> tags) {
    OnnxGraph tagged = quantized.copy();
    for (OnnxNode node : original.nodes()) {
      IntegerPlan.Role role = plan.role(node);
      if (role != IntegerPlan.Role.WEIGHTED && role != IntegerPlan.Role.FOLLOWING) {
        continue;
      }
      String result = plan.result(node);
      Optional<OnnxNode> found = tagged.producer(names.getOrDefault(result, result));
      if (found.isPresent() && found.get().opType().equals("QuantizeLinear")) {
        found = tagged.producer(found.get().inputs().getFirst());
      }
      if (found.isPresent()) {
        String tag = "lathe" + tags.size() + "|";
        tags.put(node, tag);
        tagged.replace(found.get(), List.of(found.get().withName(tag)));
      }
    }
    return tagged.toBytes();
  }

  private static NodeOutcome planned(
      OnnxNode node, String name, String becomes, double weightDecibels, String unfused) {
    boolean integer =
        becomes.startsWith("QLinear")
            || becomes.equals("QGemm")
            || becomes.equals("MatMulIntegerToFloat");
    return new NodeOutcome(
        name,
        node.opType(),
        integer ? NodeOutcome.Form.INTEGER : NodeOutcome.Form.FLOAT,
        becomes,
        integer ? "" : unfused,
        weightDecibels);
  }
}
