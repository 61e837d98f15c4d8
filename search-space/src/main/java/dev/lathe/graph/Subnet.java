package dev.lathe.graph;

import dev.lathe.graph.WeightRef.Slice;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.onnx.simplify.BatchNormFolding;
import dev.lathe.onnx.simplify.LatePooling;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A network whose weights lie elsewhere: an ONNX graph some of whose initializers are references
 * into a store. Such an initializer has a shape in the graph but no elements, so that shapes, costs
 * and features are those of the graph as it is. Constants (shapes, indices, scalars) are ordinary
 * initializers. Batch norms are still there: the network can be trained. The batch dimension of the
 * inputs is symbolic, as {@code N}. The graph is not to be changed; {@link OnnxGraph#copy} it.
 *
 * @param graph the network
 * @param weights by initializer what stands for it
 */
public record Subnet(OnnxGraph graph, Map<String, WeightRef> weights) {
  /** The name of the batch dimension. */
  public static final String BATCH = "N";

  /**
   * Checks that every reference has its place.
   *
   * @throws IllegalArgumentException naming a reference whose initializer is missing, or of another
   *     shape
   */
  public Subnet {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    for (Map.Entry<String, WeightRef> entry : weights.entrySet()) {
      long[] wanted = dims(entry.getValue());
      TensorValue tensor =
          graph
              .initializer(entry.getKey())
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "the graph has no initializer '%s'.".formatted(entry.getKey())));
      if (!Arrays.equals(tensor.dims(), wanted)) {
        throw new IllegalArgumentException(
            "initializer '%s' has shape %s, its reference %s."
                .formatted(
                    entry.getKey(), Arrays.toString(tensor.dims()), Arrays.toString(wanted)));
      }
    }
  }

  static long[] dims(WeightRef reference) {
    return reference.shape().stream().mapToLong(Integer::longValue).toArray();
  }

  /**
   * The graph with values, batch norms still there.
   *
   * @param values of a reference, row-major; not asked for statistics
   * @param statistics of the batch norms
   */
  public OnnxGraph materialize(Function<WeightRef, float[]> values, NormStatistics statistics) {
    return filled(graph.copy(), values, statistics);
  }

  private OnnxGraph filled(
      OnnxGraph full, Function<WeightRef, float[]> values, NormStatistics statistics) {
    weights.forEach(
        (name, reference) -> {
          float[] numbers =
              reference instanceof WeightRef.Moment moment
                  ? statistics.values(moment)
                  : values.apply(reference);
          full.addInitializer(TensorValue.floats(name, numbers, dims(reference)));
        });
    return full;
  }

  /** The graph with values as it is deployed: batch norms folded. See {@link #materialize}. */
  public OnnxGraph export(Function<WeightRef, float[]> values, NormStatistics statistics) {
    OnnxGraph full = graph.copy();
    // before there are values, so that these do not decide which nodes the network has
    LatePooling.apply(full);
    BatchNormFolding.apply(filled(full, values, statistics));
    return full;
  }

  /** The deployed graph with the shapes of its weights alone: the nodes of {@link #export}. */
  public OnnxGraph outline() {
    OnnxGraph outline = graph.copy();
    LatePooling.apply(outline);
    BatchNormFolding.apply(outline);
    return outline;
  }

  /** The same network on other weights: each reference is replaced by what the function makes. */
  public Subnet withWeights(UnaryOperator<WeightRef> change) {
    Map<String, WeightRef> changed = new LinkedHashMap<>();
    weights.forEach((name, reference) -> changed.put(name, change.apply(reference)));
    return new Subnet(graph, changed);
  }

  /** The parts of stored tensors that the network uses, those inside other references included. */
  public List<Slice> slices() {
    return weights.values().stream().flatMap(WeightRef::slices).distinct().toList();
  }

  /**
   * The size of a dimension of the first input.
   *
   * @throws IllegalArgumentException if it is symbolic
   */
  public int inputSize(int axis) {
    ValueInfo input = graph.inputs().getFirst();
    if (input.shape().get(axis) instanceof Dimension.Fixed(long size)) {
      return Math.toIntExact(size);
    }
    throw new IllegalArgumentException(
        "dimension %d of input '%s' has no fixed size.".formatted(axis, input.name()));
  }
}
