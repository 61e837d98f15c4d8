package dev.lathe.compress;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Stores the weights that a form leaves in floating point as 8-bit integers: those of embeddings,
 * recurrent layers, transposed convolutions, nested graphs, and of nodes of other operator sets.
 * Rows of embeddings are looked up as integers; others are widened when the model is loaded.
 */
public final class StoredBytes {
  private static final int LEAST_ELEMENTS = 1024;
  private static final int LEAST_ROW = 16;

  /** Weights that lose more than this stay as they are, decibels. */
  private static final double LEAST_DECIBELS = 30;

  private static final int LEVELS = 127;

  private final OnnxGraph graph;
  private int tables;
  private int others;

  private StoredBytes(OnnxGraph graph) {
    this.graph = graph;
  }

  /**
   * Stores in place.
   *
   * @param kept names of nodes whose weights stay as they are
   * @return what was done, for people; empty if nothing
   */
  public static List<String> apply(OnnxGraph graph, Set<String> kept) {
    StoredBytes stored = new StoredBytes(graph);
    for (TensorValue tensor : List.copyOf(graph.initializers())) {
      if (tensor.type() == ElementType.FLOAT
          && tensor.rank() >= 2
          && tensor.elements() >= LEAST_ELEMENTS
          && !graph.isOutput(tensor.name())
          && WeightReaders.readOnlyAsWeight(graph, tensor.name())
          && graph.consumers(tensor.name()).stream()
              .noneMatch(node -> kept.contains(IntegerPlan.nameOf(node)))) {
        stored.store(tensor);
      }
    }
    List<String> notes = new ArrayList<>();
    if (stored.tables > 0) {
      notes.add("%d embeddings looked up as 8-bit integers".formatted(stored.tables));
    }
    if (stored.others > 0) {
      notes.add("%d other weights stored as 8-bit integers".formatted(stored.others));
    }
    return notes;
  }

  private void store(TensorValue tensor) {
    int row = row(tensor);
    float[] values = tensor.floats();
    int rows = values.length / row;
    byte[] integers = new byte[values.length];
    float[] scales = new float[rows];
    double signal = 0;
    double noise = 0;
    for (int r = 0; r < rows; r++) {
      float largest = 0;
      for (int i = r * row; i < (r + 1) * row; i++) {
        largest = Math.max(largest, Math.abs(values[i]));
      }
      scales[r] = Affine.symmetric(largest, LEVELS).scale();
      for (int i = r * row; i < (r + 1) * row; i++) {
        integers[i] = (byte) Math.clamp(Math.rint(values[i] / scales[r]), -LEVELS, LEVELS);
        double difference = values[i] - (double) integers[i] * scales[r];
        signal += (double) values[i] * values[i];
        noise += difference * difference;
      }
    }
    if (!(Decibels.ratio(signal, noise) >= LEAST_DECIBELS)) {
      return;
    }
    write(tensor, integers, scales, row);
  }

  /** Elements that share a scale: the last dimensions, until there are enough. */
  private static int row(TensorValue tensor) {
    long row = 1;
    for (int axis = tensor.rank() - 1; axis > 0 && row < LEAST_ROW; axis--) {
      row *= tensor.dim(axis);
    }
    return Math.toIntExact(row);
  }

  private void write(TensorValue tensor, byte[] integers, float[] scales, int row) {
    long[] dims = tensor.dims();
    long[] scaleDims = dims.clone();
    long left = row;
    for (int axis = dims.length - 1; axis > 0 && left > 1; axis--) {
      left /= dims[axis];
      scaleDims[axis] = 1;
    }
    String name = tensor.name();
    String stored = graph.addConstant(TensorValue.int8(name + "_q", integers, dims));
    String scale = graph.addConstant(TensorValue.floats(name + "_s", scales, scaleDims));
    boolean lookedUp = false;
    if (dims.length == 2 && scaleDims[1] == 1) {
      for (OnnxNode reader : graph.consumers(name)) {
        if (isLookUp(reader, name)) {
          lookUp(reader, stored, scale);
          lookedUp = true;
        }
      }
    }
    boolean read = !graph.consumers(name).isEmpty();
    graph.removeInitializer(name);
    if (read) {
      String real = graph.freshName(name + "_f");
      graph.add(cast(stored, real));
      graph.add(OnnxNode.of("Mul", "", List.of(real, scale), List.of(name)));
    }
    tables += lookedUp ? 1 : 0;
    others += lookedUp ? 0 : 1;
  }

  private static boolean isLookUp(OnnxNode node, String table) {
    return node.is("Gather")
        && node.integer("axis", 0) == 0
        && node.inputs().getFirst().equals(table)
        && !node.inputs().get(1).equals(table);
  }

  private void lookUp(OnnxNode gather, String stored, String scales) {
    String rows = graph.freshName(gather.output() + "_q");
    String real = graph.freshName(gather.output() + "_f");
    String scale = graph.freshName(gather.output() + "_s");
    String indices = gather.inputs().get(1);
    graph.replace(
        gather,
        List.of(
            gather.withInput(0, stored).withOutputs(List.of(rows)),
            cast(rows, real),
            OnnxNode.of("Gather", "", List.of(scales, indices), List.of(scale)),
            OnnxNode.of("Mul", "", List.of(real, scale), gather.outputs())));
  }

  private static OnnxNode cast(String from, String to) {
    return OnnxNode.of(
        "Cast", "", List.of(from), List.of(to), Attribute.integer("to", ElementType.FLOAT.code()));
  }
}
