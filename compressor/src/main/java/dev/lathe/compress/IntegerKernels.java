package dev.lathe.compress;

import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * <p>Other runtimes may want zero points of 0 for weights: {@link #portable} restores them.
 */
public final class IntegerKernels {
  private static final int ROUNDS = 40;

  /** Share of its time that a kernel must gain, and microseconds: times are whole ones. */
  private static final double LEAST_GAIN = 0.05;

  private static final double LEAST_MICROS = 1;

  /** Share of its latency that a whole model must gain: the file is less portable then. */
  private static final double LEAST_WHOLE_GAIN = 0.01;

  /** Weights of seven bits are for processors whose 16-bit sums would overflow with more. */
  private static final int REDUCED = 64;

  private IntegerKernels() {}

  /**
   * A rewritten model.
   *
   * @param model the result
   * @param notes what was done
   */
  public record Rewritten(OnnxGraph model, List<String> notes) {}

  /** Times models on this machine. */
  interface Stopwatch {
    /** As {@link KernelTimes#interleaved}. */
    List<Map<String, Double>> kernels(List<byte[]> models, Map<String, TensorValue> inputs);

    /** Median milliseconds of whole models. */
    List<Double> wholes(List<byte[]> models, Map<String, TensorValue> inputs);
  }

  private static final Stopwatch REAL =
      new Stopwatch() {
        @Override
        public List<Map<String, Double>> kernels(
            List<byte[]> models, Map<String, TensorValue> inputs) {
          return KernelTimes.interleaved(models, inputs, ROUNDS);
        }

        @Override
        public List<Double> wholes(List<byte[]> models, Map<String, TensorValue> inputs) {
          return Latencies.interleaved(models, inputs, 2 * ROUNDS).stream()
              .map(Latencies.Distribution::p50)
              .toList();
        }
      };

  /**
   * Folds first convolutions ({@link WidthFolding}) and chooses kernels. Measures on this machine;
   * other work on it meanwhile makes the choice worse, not the results.
   *
   * @param data the first of it is run
   */
  public static Rewritten choose(OnnxGraph integer, CalibrationData data) {
    return choose(integer, data, REAL);
  }

  static Rewritten choose(OnnxGraph integer, CalibrationData data, Stopwatch stopwatch) {
    OnnxGraph folded = WidthFolding.of(portable(integer));
    List<String> notes = new ArrayList<>();
    if (folded.nodes().size() > integer.nodes().size()) {
      notes.add("columns of the first convolution folded into channels");
    }
    List<OnnxNode> candidates = candidates(folded);
    if (candidates.isEmpty()) {
      notes.add("no integer convolution whose kernel could be chosen");
      return new Rewritten(folded, notes);
    }
    try {
      return choose(folded, candidates, inputs(folded, data), stopwatch, notes);
    } catch (OnnxException e) {
      notes.add("kernels cannot be timed and are left as they are: " + e.getMessage());
      return new Rewritten(folded, notes);
    }
  }

  private static Rewritten choose(
      OnnxGraph folded,
      List<OnnxNode> candidates,
      Map<String, TensorValue> inputs,
      Stopwatch stopwatch,
      List<String> notes) {
    Set<OnnxNode> faster = faster(folded, candidates, inputs, stopwatch);
    if (faster.isEmpty()) {
      notes.add("no convolution is faster as a matrix product here");
      return new Rewritten(folded, notes);
    }
    OnnxGraph products = withProducts(folded, faster::contains);
    if (!sameBits(folded, products, inputs)) {
      notes.add("convolutions give other results as matrix products here and are left as they are");
      return new Rewritten(folded, notes);
    }
    List<Double> millis = stopwatch.wholes(List.of(folded.toBytes(), products.toBytes()), inputs);
    boolean gains = millis.getLast() < millis.getFirst() * (1 - LEAST_WHOLE_GAIN);
    notes.add(
        (gains
                ? "%d of %d convolutions run as matrix products, by zero points of -1 in their weights: %.3f ms, %.3f ms before"
                : "%d of %d convolutions are faster alone as matrix products, but not the whole model: %.3f ms, %.3f ms as it is")
            .formatted(faster.size(), candidates.size(), millis.getLast(), millis.getFirst()));
    return new Rewritten(gains ? products : folded, notes);
  }

  /** Names of the convolutions of a folded model that are faster as matrix products. */
  static Set<String> products(OnnxGraph folded, CalibrationData data) {
    return faster(folded, candidates(folded), inputs(folded, data), REAL).stream()
        .map(OnnxNode::name)
        .collect(Collectors.toSet());
  }

  /** A copy in which the convolutions that satisfy a condition are matrix products. */
  public static OnnxGraph withProducts(OnnxGraph folded, Predicate<OnnxNode> wanted) {
    OnnxGraph graph = folded.copy();
    IntegerConvolutions convolutions = new IntegerConvolutions(graph);
    Map<String, String> shifted = new HashMap<>();
    Map<Long, String> zeroPoints = new HashMap<>();
    for (OnnxNode node : candidates(graph)) {
      if (wanted.test(node)) {
        IntegerConvolutions.Found found = convolutions.find(node).orElseThrow();
        String weights = node.inputs().get(1);
        if (!shifted.containsKey(weights)) {
          long channels = found.weight().dim(0);
          String points =
              zeroPoints.computeIfAbsent(
                  channels, n -> graph.addConstant(zeroPoints(n.intValue(), -1)));
          shifted.put(weights, shifted(graph, weights, found.weight(), -1, points));
        }
        graph.replace(node, List.of(node.withInput(1, shifted.get(weights))));
      }
    }
    graph.removeUnused();
    return graph;
  }

  /** A copy in which no convolution is a matrix product for the sake of its kernel. */
  public static OnnxGraph portable(OnnxGraph model) {
    OnnxGraph graph = model.copy();
    for (OnnxNode node : List.copyOf(graph.nodes())) {
      if (!node.is("Conv")) {
        continue;
      }
      Optional<OnnxNode> weights =
          graph.producer(node.inputs().get(1)).filter(n -> n.is("DequantizeLinear"));
      Optional<TensorValue> integers =
          weights.flatMap(n -> graph.initializer(n.inputs().getFirst()));
      Optional<TensorValue> points = weights.flatMap(n -> n.input(2)).flatMap(graph::initializer);
      if (integers.isPresent()
          && points.isPresent()
          && integers.get().rank() == 4
          && points.get().elements() == integers.get().dim(0)
          && Arrays.stream(points.get().longs()).allMatch(point -> point == -1)
          && Arrays.stream(integers.get().longs()).allMatch(value -> value < Byte.MAX_VALUE)) {
        String zeros = graph.addConstant(zeroPoints((int) points.get().elements(), 0));
        graph.replace(
            node,
            List.of(
                node.withInput(1, shifted(graph, node.inputs().get(1), integers.get(), 1, zeros))));
      }
    }
    graph.removeUnused();
    return graph;
  }

  private static TensorValue zeroPoints(int channels, int value) {
    byte[] points = new byte[channels];
    Arrays.fill(points, (byte) value);
    return TensorValue.int8("z", points, channels);
  }

  /** Adds a DequantizeLinear that gives the same weights from integers that are moved. */
  private static String shifted(
      OnnxGraph graph, String weights, TensorValue integers, int by, String zeroPoints) {
    byte[] moved = integers.toByteArray();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (byte) by;
    }
    String values = graph.addConstant(TensorValue.int8(integers.name(), moved, integers.dims()));
    String real = graph.freshName("d");
    OnnxNode old = graph.producer(weights).orElseThrow();
    graph.add(
        old.withName("")
            .withInputs(List.of(values, old.inputs().get(1), zeroPoints))
            .withOutputs(List.of(real)));
    return real;
  }

  private static List<OnnxNode> candidates(OnnxGraph graph) {
    IntegerConvolutions convolutions = new IntegerConvolutions(graph);
    return graph.nodes().stream()
        .filter(node -> convolutions.find(node).filter(IntegerKernels::canShift).isPresent())
        .toList();
  }

  private static boolean canShift(IntegerConvolutions.Found found) {
    int least = 0;
    int most = 0;
    for (byte weight : found.weight().toByteArray()) {
      least = Math.min(least, weight);
      most = Math.max(most, weight);
    }
    return least > Byte.MIN_VALUE && (least < -REDUCED || most > REDUCED);
  }

  private static Map<String, TensorValue> inputs(OnnxGraph graph, CalibrationData data) {
    return data.feed(graph, 0, Math.max(1, data.itemsARun(graph)));
  }

  private static boolean sameBits(OnnxGraph one, OnnxGraph other, Map<String, TensorValue> inputs) {
    Map<String, TensorValue> expected = run(one, inputs);
    Map<String, TensorValue> actual = run(other, inputs);
    return expected.keySet().stream()
        .allMatch(
            name ->
                Arrays.equals(expected.get(name).toByteArray(), actual.get(name).toByteArray()));
  }

  private static Map<String, TensorValue> run(OnnxGraph graph, Map<String, TensorValue> inputs) {
    try (OrtModel model = OrtModel.open(graph, OrtModel.Options.DEPLOYED)) {
      return model.run(inputs);
    }
  }

  /** The candidates whose kernel takes less time as a matrix product, all being one at once. */
  private static Set<OnnxNode> faster(
      OnnxGraph folded,
      List<OnnxNode> candidates,
      Map<String, TensorValue> inputs,
      Stopwatch stopwatch) {
    if (candidates.isEmpty()) {
      return Set.of();
    }
    OnnxGraph tagged = folded.copy();
    Map<OnnxNode, String> tags = new HashMap<>();
    for (OnnxNode node : folded.nodes()) {
      String tag = "lathe" + tags.size() + KernelTimes.END_OF_TAG;
      tags.put(node, tag);
      tagged.replace(node, List.of(node.withName(tag)));
    }
    List<Map<String, Double>> micros =
        stopwatch.kernels(
            List.of(tagged.toBytes(), withProducts(tagged, node -> true).toBytes()), inputs);
    Set<OnnxNode> faster = new HashSet<>();
    for (OnnxNode node : candidates) {
      Double direct = micros.getFirst().get(tags.get(node));
      Double product = micros.getLast().get(tags.get(node));
      if (direct != null
          && product != null
          && direct - product >= Math.max(LEAST_MICROS, LEAST_GAIN * direct)) {
        faster.add(node);
      }
    }
    return faster;
  }
}
