package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs an original and its quantized form side by side.
 *
 * @param outputDecibels signal to noise of each floating-point output, by name
 * @param fusionDecibels the least agreement of an output with and without ONNX Runtime's
 *     optimisations
 * @param tensorDecibels signal to noise of each activation that the quantized form has too
 */
record Comparison(
    Map<String, Double> outputDecibels, double fusionDecibels, Map<String, Double> tensorDecibels) {
  /** Signal to noise of the worst output; infinite if all are the same to the bit. */
  double worstDecibels() {
    double worst = Double.POSITIVE_INFINITY;
    for (double decibels : outputDecibels.values()) {
      worst = decibels >= worst ? worst : decibels;
    }
    return worst;
  }

  /** Sums over all images of one value. */
  private static final class Sums {
    private double signal;
    private double noise;

    void add(FloatBuffer wanted, FloatBuffer found) {
      for (int i = 0; i < wanted.remaining(); i++) {
        float a = wanted.get(wanted.position() + i);
        float b = found.get(found.position() + i);
        double difference = a == b ? 0 : (double) a - b;
        if (Float.isInfinite(a) && difference == 0) {
          continue; // masks
        }
        signal += (double) a * a;
        noise += difference * difference;
      }
    }

    double decibels() {
      return Decibels.ratio(signal, noise);
    }
  }

  /**
   * Compares on the first items of some data.
   *
   * @param names for values of the original, the name of their integers in the quantized model
   */
  static Comparison of(
      OnnxGraph original,
      OnnxGraph quantized,
      Map<String, String> names,
      CalibrationData data,
      int images) {
    Map<String, String> pairs = new HashMap<>();
    Set<String> given = Feeds.names(original);
    names.forEach(
        (value, integers) -> {
          if (original.producer(value).isPresent() && !given.contains(value)) {
            quantized.consumers(integers).stream()
                .filter(node -> node.opType().equals("DequantizeLinear"))
                .map(OnnxNode::output)
                .findFirst()
                .ifPresent(real -> pairs.put(value, real));
          }
        });
    List<String> outputs =
        original.outputs().stream()
            .filter(output -> output.type().isFloating())
            .map(ValueInfo::name)
            .toList();
    Map<String, Sums> errors = new LinkedHashMap<>();
    Map<String, Sums> fusion = new LinkedHashMap<>();
    Map<String, Sums> tensors = new HashMap<>();
    try (OrtModel reference =
            OrtModel.open(original, OrtModel.Options.DEPLOYED, new ArrayList<>(pairs.keySet()));
        OrtModel literal =
            OrtModel.open(quantized, OrtModel.Options.LITERAL, new ArrayList<>(pairs.values()));
        OrtModel deployed = OrtModel.open(quantized.toBytes(), OrtModel.Options.DEPLOYED)) {
      int batch = Math.max(1, data.itemsARun(original));
      int count = Math.min(Math.max(images, batch), data.images());
      if (count < batch) {
        throw new CompressionException(
            "a run of the model takes %d items, there are %d to judge by. Maybe use more."
                .formatted(batch, count));
      }
      for (int from = 0; from + batch <= count; from += batch) {
        Map<String, TensorValue> inputs = data.feed(original, from, from + batch);
        Map<String, FloatBuffer> wanted = new HashMap<>();
        Map<String, FloatBuffer> found = new HashMap<>();
        Map<String, FloatBuffer> fused = new HashMap<>();
        reference.run(inputs, wanted::put);
        literal.run(inputs, found::put);
        deployed.run(inputs, fused::put);
        for (String output : outputs) {
          errors
              .computeIfAbsent(output, unused -> new Sums())
              .add(wanted.get(output), fused.get(output));
          fusion
              .computeIfAbsent(output, unused -> new Sums())
              .add(found.get(output), fused.get(output));
        }
        pairs.forEach(
            (value, real) ->
                tensors
                    .computeIfAbsent(value, unused -> new Sums())
                    .add(wanted.get(value), found.get(real)));
      }
    }
    return new Comparison(
        decibels(errors),
        decibels(fusion).values().stream()
            .mapToDouble(Double::doubleValue)
            .min()
            .orElse(Double.POSITIVE_INFINITY),
        decibels(tensors));
  }

  private static Map<String, Double> decibels(Map<String, Sums> sums) {
    Map<String, Double> decibels = new LinkedHashMap<>();
    sums.forEach((value, sum) -> decibels.put(value, sum.decibels()));
    return decibels;
  }
}
