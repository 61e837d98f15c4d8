package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
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
 * @param outputs signal to noise of each floating-point output
 * @param fusionDecibels the least agreement of an output with and without ONNX Runtime's
 *     optimisations
 * @param tensorDecibels signal to noise of each activation that the quantized form has too
 */
record Comparison(
    List<OutputError> outputs, double fusionDecibels, Map<String, Double> tensorDecibels) {
  /** Signal to noise of the worst output; infinite if all are the same to the bit. */
  double worstDecibels() {
    double worst = Double.POSITIVE_INFINITY;
    for (OutputError output : outputs) {
      worst = output.sqnrDecibels() >= worst ? worst : output.sqnrDecibels();
    }
    return worst;
  }

  /** Sums over all runs of one value. */
  private static final class Sums {
    private static final double NORMAL_95 = 1.96;

    private double signal;
    private double noise;
    private double signals;
    private double noises;
    private double both;
    private int runs;

    void add(FloatBuffer wanted, FloatBuffer found) {
      double signalBefore = signal;
      double noiseBefore = noise;
      addElements(wanted, found);
      double signalHere = signal - signalBefore;
      double noiseHere = noise - noiseBefore;
      signals += signalHere * signalHere;
      noises += noiseHere * noiseHere;
      both += signalHere * noiseHere;
      runs++;
    }

    private void addElements(FloatBuffer wanted, FloatBuffer found) {
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

    /**
     * The figure with its interval: runs are a sample, and the logarithm of the ratio of two means
     * varies by the runs' shares in both (delta method, with Student's quantile).
     */
    OutputError error(String name) {
      double decibels = decibels();
      if (decibels == Double.POSITIVE_INFINITY) {
        return new OutputError(name, decibels, decibels, decibels);
      }
      if (runs < 2 || !Double.isFinite(decibels)) {
        return new OutputError(name, decibels, Double.NaN, Double.NaN);
      }
      double variance =
          signals / (signal * signal) - 2 * both / (signal * noise) + noises / (noise * noise);
      double degrees = runs - 1.0;
      double quantile = NORMAL_95 + (Math.pow(NORMAL_95, 3) + NORMAL_95) / (4 * degrees);
      double half =
          quantile * 10 / Math.log(10) * Math.sqrt(Math.max(0, variance) * runs / degrees);
      return new OutputError(name, decibels, decibels - half, decibels + half);
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
    int batch = Math.max(1, data.itemsARun(original));
    int count = Math.min(Math.max(images, batch), data.images());
    if (count < batch) {
      throw new CompressionException(
          "a run of the model takes %d items, there are %d to judge by. Maybe use more."
              .formatted(batch, count));
    }
    SideBySide.run(
        List.of(
            new SideBySide.Side(
                original, OrtModel.Options.DEPLOYED, new ArrayList<>(pairs.keySet())),
            new SideBySide.Side(
                quantized, OrtModel.Options.LITERAL, new ArrayList<>(pairs.values())),
            new SideBySide.Side(quantized, OrtModel.Options.DEPLOYED, List.of())),
        count / batch,
        run -> data.feed(original, run * batch, (run + 1) * batch),
        sides -> {
          Map<String, FloatBuffer> wanted = sides.get(0);
          Map<String, FloatBuffer> found = sides.get(1);
          Map<String, FloatBuffer> fused = sides.get(2);
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
        });
    return new Comparison(
        errors.entrySet().stream().map(e -> e.getValue().error(e.getKey())).toList(),
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
