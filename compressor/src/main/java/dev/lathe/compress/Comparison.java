package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Runs an original and its quantized form side by side.
 *
 * @param outputDecibels signal to noise of the first output
 * @param fusionDecibels agreement of the first output with and without ONNX Runtime's optimisations
 * @param tensorDecibels signal to noise of each activation that the quantized form has too
 */
record Comparison(
    double outputDecibels, double fusionDecibels, Map<String, Double> tensorDecibels) {

  /** Sums over all images of one value. */
  private static final class Sums {
    private double signal;
    private double noise;

    void add(FloatBuffer wanted, FloatBuffer found) {
      for (int i = 0; i < wanted.remaining(); i++) {
        double a = wanted.get(wanted.position() + i);
        double difference = a - found.get(found.position() + i);
        signal += a * a;
        noise += difference * difference;
      }
    }

    double decibels() {
      return Decibels.ratio(signal, noise);
    }
  }

  /**
   * Compares on the first images of the calibration data.
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
    String output = original.outputs().getFirst().name();
    Sums outputs = new Sums();
    Sums fusion = new Sums();
    Map<String, Sums> tensors = new HashMap<>();
    try (OrtModel reference =
            OrtModel.open(original, OrtModel.Options.DEPLOYED, new ArrayList<>(pairs.keySet()));
        OrtModel literal =
            OrtModel.open(quantized, OrtModel.Options.LITERAL, new ArrayList<>(pairs.values()));
        OrtModel deployed = OrtModel.open(quantized.toBytes(), OrtModel.Options.DEPLOYED)) {
      int batch = Math.max(1, ActivationStatistics.fixedBatch(original));
      int count = Math.min(images, data.images());
      for (int from = 0; from + batch <= count; from += batch) {
        Map<String, TensorValue> inputs = data.feed(original, from, from + batch);
        Map<String, FloatBuffer> wanted = new HashMap<>();
        Map<String, FloatBuffer> found = new HashMap<>();
        Map<String, FloatBuffer> fused = new HashMap<>();
        reference.run(inputs, wanted::put);
        literal.run(inputs, found::put);
        deployed.run(inputs, fused::put);
        outputs.add(wanted.get(output), fused.get(output));
        fusion.add(found.get(output), fused.get(output));
        pairs.forEach(
            (value, real) ->
                tensors
                    .computeIfAbsent(value, unused -> new Sums())
                    .add(wanted.get(value), found.get(real)));
      }
    }
    Map<String, Double> decibels = new HashMap<>();
    tensors.forEach((value, sums) -> decibels.put(value, sums.decibels()));
    return new Comparison(outputs.decibels(), fusion.decibels(), decibels);
  }
}
