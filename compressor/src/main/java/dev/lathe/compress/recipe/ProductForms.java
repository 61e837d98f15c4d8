package dev.lathe.compress.recipe;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Decibels;
import dev.lathe.compress.WeightRows;
import dev.lathe.compress.rounding.BlockGrid;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chooses how the weights of matrix products are written, by the error that each form makes on
 * inputs of the product: at accuracy level 4 ONNX Runtime rounds the inputs to 8 bits too, block by
 * block, which inputs with outliers do not bear.
 */
final class ProductForms {
  private static final int ITEMS = 4;
  private static final int ROWS = 32;

  /** A form this exact is taken at once, decibels. */
  private static final double ENOUGH = 36;

  /** What a cheaper form may be less exact than the best one, decibels. */
  private static final double SLACK = 3;

  private static final int[] BLOCKS = {128, 64, 32};

  /**
   * A form.
   *
   * @param block weights that share a scale
   * @param level ONNX Runtime's accuracy level of MatMulNBits; 0 for weights that are widened when
   *     the model is loaded, so that the product is one of floating point
   */
  record Form(int block, int level) {}

  private final Map<String, float[]> inputs = new HashMap<>();

  private ProductForms() {}

  /** Keeps some rows of what goes into nodes. */
  static ProductForms of(OnnxGraph graph, List<OnnxNode> nodes, CalibrationData data) {
    ProductForms forms = new ProductForms();
    Set<String> given = new LinkedHashSet<>();
    graph.inputs().forEach(input -> given.add(input.name()));
    Map<String, Integer> wanted = new LinkedHashMap<>();
    nodes.forEach(node -> wanted.put(node.inputs().getFirst(), columns(graph, node)));
    if (wanted.isEmpty()) {
      return forms;
    }
    int batch = Math.max(1, data.itemsARun(graph));
    try (OrtModel model =
        OrtModel.open(
            graph,
            OrtModel.Options.DEPLOYED,
            wanted.keySet().stream().filter(value -> !given.contains(value)).toList())) {
      int count = Math.min(ITEMS * batch, data.images());
      for (int item = 0; item + batch <= count; item += batch) {
        Map<String, TensorValue> feed = data.feed(graph, item, item + batch);
        feed.forEach(
            (name, value) -> {
              if (value.type() == ElementType.FLOAT && wanted.containsKey(name)) {
                forms.keep(name, value.floats(), wanted.get(name));
              }
            });
        model.run(
            feed,
            (name, buffer) -> {
              if (wanted.containsKey(name) && !given.contains(name)) {
                float[] all = new float[buffer.remaining()];
                buffer.get(buffer.position(), all);
                forms.keep(name, all, wanted.get(name));
              }
            });
      }
    }
    return forms;
  }

  /** The rows of a product's weights. */
  private static int columns(OnnxGraph graph, OnnxNode node) {
    TensorValue weight = graph.initializer(node.inputs().get(1)).orElseThrow();
    return (int) weight.dim(node.integer("transB", 0) != 0 ? 1 : 0);
  }

  /** Keeps some rows of a run. */
  private void keep(String name, float[] values, int columns) {
    inputs.merge(name, sample(values, columns), ProductForms::joined);
  }

  private static float[] joined(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** The form of a product's weights at so many bits. */
  Form choose(OnnxNode node, WeightRows rows, int bits, int block) {
    float[] x = sample(inputs.get(node.inputs().getFirst()), rows.columns());
    if (x.length == 0) {
      return new Form(block, 4);
    }
    List<Form> candidates = new ArrayList<>();
    if (bits == 8) {
      candidates.add(new Form(block, 4));
      for (int smaller : BLOCKS) {
        if (smaller < block) {
          candidates.add(new Form(smaller, 4));
        }
      }
      candidates.add(new Form(rows.columns(), 0));
    } else {
      candidates.add(new Form(block, 4));
      candidates.add(new Form(block, 1));
    }
    float[] wanted = product(x, rows.values(), rows.rows(), rows.columns());
    double[] decibels = new double[candidates.size()];
    double best = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < decibels.length; i++) {
      decibels[i] = decibels(candidates.get(i), rows, bits, x, wanted);
      if (decibels[i] >= ENOUGH) {
        return candidates.get(i);
      }
      best = Math.max(best, decibels[i]);
    }
    for (int i = 0; i < decibels.length; i++) {
      if (decibels[i] >= best - SLACK) {
        return candidates.get(i);
      }
    }
    return candidates.getFirst();
  }

  /** Rows spread over all that were seen. */
  private static float[] sample(float @org.jspecify.annotations.Nullable [] values, int columns) {
    if (values == null || values.length < columns) {
      return new float[0];
    }
    int all = values.length / columns;
    int count = Math.min(ROWS, all);
    float[] rows = new float[count * columns];
    for (int i = 0; i < count; i++) {
      int row = (int) ((long) i * all / count);
      System.arraycopy(values, row * columns, rows, i * columns, columns);
    }
    return rows;
  }

  private static float[] product(float[] x, float[] weights, int outputs, int columns) {
    int count = x.length / columns;
    float[] out = new float[count * outputs];
    for (int row = 0; row < count; row++) {
      for (int output = 0; output < outputs; output++) {
        double sum = 0;
        for (int k = 0; k < columns; k++) {
          sum += (double) x[row * columns + k] * weights[output * columns + k];
        }
        out[row * outputs + output] = (float) sum;
      }
    }
    return out;
  }

  private static double decibels(Form form, WeightRows rows, int bits, float[] x, float[] wanted) {
    BlockGrid grid = BlockGrid.of(rows.values(), rows.rows(), rows.columns(), bits, form.block());
    int[] integers = grid.nearest(rows.values());
    int columns = rows.columns();
    if (form.level() == 0) {
      return Decibels.between(wanted, product(x, grid.dequantize(integers), rows.rows(), columns));
    }
    OnnxGraph graph = OnnxGraph.create("product", 17);
    graph.addInput(
        new ValueInfo("x", ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of(columns))));
    StoredWeights.addProduct(graph, "p", "x", "y", "w", grid, integers, form.level());
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    try (OrtModel model = OrtModel.open(graph, OrtModel.Options.DEPLOYED)) {
      return Decibels.between(wanted, model.run(x, x.length / columns, columns));
    }
  }
}
