package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Rewrites an integer model for the kernels that ONNX Runtime has for this processor; results stay
 * the same to the bit.
 *
 * <p>ONNX Runtime computes an integer convolution in one of two ways. Where all weights' zero
 * points are 0, a kernel of its own reads the image through pointers and scales each sum at once.
 * Else its matrix product does it, after a copy of patches unless the kernel is 1 × 1, and the sums
 * are scaled afterwards; but the matrix product uses tile instructions (AMX) where a processor has
 * them. For long sums over few pixels that is up to twice as fast, for short sums over many it is
 * slower. Weights that are one less, with zero points of -1, choose the matrix product; here that
 * is done where it was measured to be faster.
 *
 * <p>Other runtimes may want zero points of 0 for weights.
 */
public final class IntegerKernels {
  private static final int ROUNDS = 40;
  private static final double LEAST_GAIN = 0.05;

  private IntegerKernels() {}

  /**
   * A rewritten model.
   *
   * @param model the result
   * @param notes what was done
   */
  public record Rewritten(OnnxGraph model, List<String> notes) {}

  /**
   * Folds first convolutions ({@link WidthFolding}) and chooses kernels. Measures on this machine;
   * other work on it meanwhile makes the choice worse, not the results.
   *
   * @param data the first of it is run
   */
  public static Rewritten choose(OnnxGraph integer, CalibrationData data) {
    OnnxGraph folded = WidthFolding.of(integer);
    List<String> notes = new ArrayList<>();
    if (folded.nodes().size() > integer.nodes().size()) {
      notes.add("columns of the first convolution folded into channels");
    }
    List<OnnxNode> candidates = candidates(folded);
    if (candidates.isEmpty()) {
      notes.add("no integer convolution whose kernel could be chosen");
      return new Rewritten(folded, notes);
    }
    Map<String, TensorValue> inputs = inputs(folded, data);
    Set<OnnxNode> faster = faster(folded, candidates, inputs);
    OnnxGraph products = withProducts(folded, faster::contains);
    if (!faster.isEmpty()) {
      List<Latencies.Distribution> millis =
          Latencies.interleaved(List.of(folded.toBytes(), products.toBytes()), inputs, 2 * ROUNDS);
      notes.add(
          "%.3f ms with them, %.3f ms without"
              .formatted(millis.getLast().p50(), millis.getFirst().p50()));
      if (millis.getLast().p50() < millis.getFirst().p50()) {
        notes.addFirst(
            "%d of %d convolutions are faster as matrix products here and have weights with zero points of -1"
                .formatted(faster.size(), candidates.size()));
        return new Rewritten(products, notes);
      }
    }
    notes.addFirst("no convolution is faster as a matrix product here");
    return new Rewritten(folded, notes);
  }

  /** Names of the convolutions of a folded model that are faster as matrix products. */
  static Set<String> products(OnnxGraph folded, CalibrationData data) {
    return faster(folded, candidates(folded), inputs(folded, data)).stream()
        .map(OnnxNode::name)
        .collect(Collectors.toSet());
  }

  /** A copy in which the convolutions that satisfy a condition are matrix products. */
  static OnnxGraph withProducts(OnnxGraph folded, Predicate<OnnxNode> wanted) {
    OnnxGraph graph = folded.copy();
    IntegerConvolutions convolutions = new IntegerConvolutions(graph);
    for (OnnxNode node : candidates(graph)) {
      if (wanted.test(node)) {
        convolutions.find(node).ifPresent(found -> multiply(graph, found));
      }
    }
    graph.removeUnused();
    return graph;
  }

  private static List<OnnxNode> candidates(OnnxGraph graph) {
    IntegerConvolutions convolutions = new IntegerConvolutions(graph);
    return graph.nodes().stream()
        .filter(node -> convolutions.find(node).filter(IntegerKernels::canShift).isPresent())
        .toList();
  }

  private static boolean canShift(IntegerConvolutions.Found found) {
    for (byte weight : found.weight().toByteArray()) {
      if (weight == Byte.MIN_VALUE) {
        return false;
      }
    }
    return true;
  }

  private static void multiply(OnnxGraph graph, IntegerConvolutions.Found found) {
    OnnxNode conv = found.conv();
    OnnxNode old = graph.producer(conv.inputs().get(1)).orElseThrow();
    TensorValue weight = found.weight();
    byte[] shifted = weight.toByteArray();
    for (int i = 0; i < shifted.length; i++) {
      shifted[i]--;
    }
    byte[] points = new byte[(int) weight.dim(0)];
    Arrays.fill(points, (byte) -1);
    String integers = add(graph, TensorValue.int8(weight.name(), shifted, weight.dims()));
    String zeros = add(graph, TensorValue.int8("z", points, points.length));
    String real = graph.freshName("d");
    OnnxNode weights =
        old.withInputs(List.of(integers, old.inputs().get(1), zeros)).withOutputs(List.of(real));
    graph.replace(conv, List.of(weights, conv.withInput(1, real)));
  }

  private static String add(OnnxGraph graph, TensorValue tensor) {
    String name = graph.freshName(tensor.name());
    graph.addInitializer(tensor.named(name));
    return name;
  }

  private static Map<String, TensorValue> inputs(OnnxGraph graph, CalibrationData data) {
    return data.feed(graph, 0, Math.max(1, ActivationStatistics.fixedBatch(graph)));
  }

  /** The candidates whose kernel takes less time as a matrix product, all being one at once. */
  private static Set<OnnxNode> faster(
      OnnxGraph folded, List<OnnxNode> candidates, Map<String, TensorValue> inputs) {
    OnnxGraph tagged = folded.copy();
    List<String> tags = new ArrayList<>();
    for (OnnxNode node : candidates) {
      tags.add("lathe" + tags.size() + KernelTimes.END_OF_TAG);
      tagged.replace(node, List.of(node.withName(tags.getLast())));
    }
    List<Map<String, Double>> micros =
        KernelTimes.interleaved(
            List.of(tagged.toBytes(), withProducts(tagged, node -> true).toBytes()),
            inputs,
            ROUNDS);
    Set<OnnxNode> faster = new HashSet<>();
    for (int i = 0; i < tags.size(); i++) {
      Double direct = micros.getFirst().get(tags.get(i));
      Double product = micros.getLast().get(tags.get(i));
      if (direct != null && product != null && product < direct * (1 - LEAST_GAIN)) {
        faster.add(candidates.get(i));
      }
    }
    return faster;
  }
}
