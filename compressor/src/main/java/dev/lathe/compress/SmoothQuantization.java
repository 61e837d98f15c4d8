package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Moves outliers from activations into weights, without changing what the network computes: channel
 * j of what a matrix product takes is divided by s_j = max|X_j|^α / max|W_j|^(1 − α), the weights
 * that it meets are multiplied by it (Xiao et al.: SmoothQuant, 2022, arXiv:2211.10438). The
 * division goes into the layer norm before; where others read that norm too, into a Mul.
 */
public final class SmoothQuantization {
  private static final float LEAST = 1e-5f;

  private final OnnxGraph graph;
  private final double alpha;

  private SmoothQuantization(OnnxGraph graph, double alpha) {
    this.graph = graph;
    this.alpha = alpha;
  }

  /**
   * Smooths a simplified graph in place.
   *
   * @param alpha how much of the difficulty moves into the weights, in [0, 1]
   * @param images the most items to use
   * @return the number of layer norms after which products were smoothed
   */
  public static int apply(OnnxGraph graph, CalibrationData data, double alpha, int images) {
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new IllegalArgumentException("alpha must be in [0, 1], not %s.".formatted(alpha));
    }
    SmoothQuantization smoothing = new SmoothQuantization(graph, alpha);
    Map<String, List<OnnxNode>> products = smoothing.products();
    if (products.isEmpty()) {
      return 0;
    }
    Map<String, float[]> largest = largest(graph, products.keySet(), data, images);
    products.forEach((value, readers) -> smoothing.smooth(value, readers, largest.get(value)));
    return products.size();
  }

  /** The matrix products that read each layer norm. */
  private Map<String, List<OnnxNode>> products() {
    Map<String, List<OnnxNode>> products = new HashMap<>();
    for (OnnxNode norm : graph.nodes()) {
      if (!norm.is("LayerNormalization") || norm.integer("axis", -1) != -1) {
        continue;
      }
      String value = norm.output();
      List<OnnxNode> readers =
          graph.consumers(value).stream()
              .filter(node -> node.inputs().getFirst().equals(value))
              .filter(node -> WeightRows.nodes(graph, 1).contains(node))
              .filter(node -> !node.is("Conv") && WeightRows.isMatrix(node))
              .toList();
      if (!readers.isEmpty() && !graph.isCaptured(value)) {
        products.put(value, readers);
      }
    }
    return products;
  }

  /** The largest magnitude of each channel, the last of a value's dimensions. */
  private static Map<String, float[]> largest(
      OnnxGraph graph, Iterable<String> values, CalibrationData data, int images) {
    Map<String, float[]> largest = new HashMap<>();
    for (String value : values) {
      OnnxNode norm = graph.producer(value).orElseThrow();
      TensorValue gain = graph.initializer(norm.inputs().get(1)).orElseThrow();
      largest.put(value, new float[(int) gain.elements()]);
    }
    int batch = Math.max(1, data.itemsARun(graph));
    int count = Math.min(images, data.images());
    try (OrtModel model =
        OrtModel.open(graph, OrtModel.Options.DEPLOYED, List.copyOf(largest.keySet()))) {
      for (int from = 0; from + batch <= count; from += batch) {
        model.run(
            data.feed(graph, from, from + batch),
            (name, buffer) -> {
              if (largest.containsKey(name)) {
                add(largest.get(name), buffer);
              }
            });
      }
    }
    return largest;
  }

  private static void add(float[] largest, FloatBuffer values) {
    for (int i = 0; values.hasRemaining(); i = (i + 1) % largest.length) {
      largest[i] = Math.max(largest[i], Math.abs(values.get()));
    }
  }

  private void smooth(String value, List<OnnxNode> readers, float[] activations) {
    float[] weights = new float[activations.length];
    for (OnnxNode reader : readers) {
      WeightRows rows = WeightRows.of(graph, reader);
      for (int i = 0; i < rows.values().length; i++) {
        int column = i % rows.columns();
        weights[column] = Math.max(weights[column], Math.abs(rows.values()[i]));
      }
    }
    float[] scales = new float[activations.length];
    for (int j = 0; j < scales.length; j++) {
      double scale = Math.pow(activations[j], alpha) / Math.pow(weights[j], 1 - alpha);
      boolean usable = Double.isFinite(scale) && scale > LEAST && scale < 1 / LEAST;
      scales[j] = usable ? (float) scale : 1;
    }
    for (OnnxNode reader : readers) {
      WeightRows rows = WeightRows.of(graph, reader);
      float[] changed = rows.values().clone();
      for (int i = 0; i < changed.length; i++) {
        changed[i] *= scales[i % rows.columns()];
      }
      rows.write(graph, changed);
    }
    divide(value, readers, scales);
  }

  private void divide(String value, List<OnnxNode> readers, float[] scales) {
    OnnxNode norm = graph.producer(value).orElseThrow();
    if (readers.size() == graph.consumers(value).size() && !graph.isOutput(value)) {
      List<String> inputs = new ArrayList<>(norm.inputs());
      inputs.set(1, divided(inputs.get(1), scales));
      if (norm.input(2).isPresent()) {
        inputs.set(2, divided(inputs.get(2), scales));
      }
      graph.replace(norm, List.of(norm.withInputs(inputs)));
      return;
    }
    float[] inverse = new float[scales.length];
    for (int j = 0; j < scales.length; j++) {
      inverse[j] = 1 / scales[j];
    }
    String factors = graph.freshName(value + "_i");
    String smooth = graph.freshName(value + "_s");
    graph.addInitializer(TensorValue.floats(factors, inverse, inverse.length));
    for (OnnxNode reader : readers) {
      Optional<OnnxNode> current = graph.producer(reader.output());
      graph.replace(current.orElseThrow(), List.of(current.get().withInput(0, smooth)));
    }
    graph.add(OnnxNode.of("Mul", "", List.of(value, factors), List.of(smooth)));
  }

  private String divided(String constant, float[] scales) {
    float[] values = graph.initializer(constant).orElseThrow().floats();
    for (int j = 0; j < values.length; j++) {
      values[j] /= scales[j];
    }
    String name = graph.freshName(constant + "_s");
    graph.addInitializer(TensorValue.floats(name, values, values.length));
    return name;
  }
}
