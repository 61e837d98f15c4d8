package dev.lathe.compress.fixed;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.CompressionException;
import dev.lathe.compress.Histogram;
import dev.lathe.compress.Simplification;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings a network to fixed point: each tensor gets the binary point of the least squared error on
 * calibration data; then these are learned together, by moving one at a time where that brings the
 * network's output nearer to the original (after Bai et al.: QFX, 2024, arXiv:2401.17544, which
 * learns them by gradients).
 *
 * @param network in integers
 * @param model the same numbers as an ONNX model with QuantizeLinear and DequantizeLinear
 * @param moved binary points that learning changed
 */
public record FixedPoint(FixedNetwork network, OnnxGraph model, int moved) {
  private static final int POINTS = 6;
  private static final int IMAGES_LEARNED = 4;
  private static final int OUTLINE_FRACTION = 4;

  /** Multiplications that learning may take; it ends where they are used up. */
  private static final double WORK = 4e9;

  /**
   * Brings a model of images, or of vectors, to fixed point.
   *
   * @throws dev.lathe.compress.CompressionException naming the node that has no fixed-point form
   */
  public static FixedPoint of(OnnxGraph original, CalibrationData data, FixedSettings settings) {
    OnnxGraph graph = Simplification.of(original);
    FixedPlan plan = FixedPlan.of(graph, settings);
    Map<String, FixedFormat> formats = formats(graph, plan, data, settings);
    int moved = learn(graph, plan, data, formats);
    return new FixedPoint(
        plan.network(formats), FixedOnnxWriter.write(graph, plan.network(formats)), moved);
  }

  /**
   * The layers that a model has in fixed point, with the same binary point for all activations: for
   * whoever asks what it would cost, and not what it would compute.
   *
   * @throws dev.lathe.compress.CompressionException naming the node that has no fixed-point form
   */
  public static FixedNetwork outline(OnnxGraph original, FixedSettings settings) {
    FixedPlan plan = FixedPlan.of(Simplification.of(original), settings);
    Map<String, FixedFormat> formats = new HashMap<>();
    for (String value : plan.ranged()) {
      formats.put(
          value,
          new FixedFormat(settings.activationBits(), OUTLINE_FRACTION, !plan.isNonNegative(value)));
    }
    return plan.network(formats);
  }

  private static Map<String, FixedFormat> formats(
      OnnxGraph graph, FixedPlan plan, CalibrationData data, FixedSettings settings) {
    Map<String, Histogram> seen = Histogram.of(graph, plan.ranged(), data, settings.images());
    Map<String, FixedFormat> formats = new HashMap<>();
    for (String value : plan.ranged()) {
      Histogram histogram = seen.get(value);
      boolean signed = histogram.min() < 0 && !plan.isNonNegative(value);
      double largest = Math.max(-histogram.min(), histogram.max());
      int bits = settings.activationBits();
      if (histogram.min() == 0 && histogram.max() == 0) {
        formats.put(value, new FixedFormat(bits, FixedFormat.FRACTION_OF_ZEROS, signed));
        continue;
      }
      int whole = bits - (signed ? 1 : 0) - Math.getExponent(largest) - 1;
      FixedFormat best = new FixedFormat(bits, whole, signed);
      for (int fraction = whole + 1; fraction < whole + POINTS; fraction++) {
        FixedFormat next = best.withFraction(fraction);
        if (histogram.squaredError(next.affine()) < histogram.squaredError(best.affine())) {
          best = next;
        }
      }
      formats.put(value, best);
    }
    return formats;
  }

  /** Moves binary points by one place where the output's error falls; how many were moved. */
  private static int learn(
      OnnxGraph graph, FixedPlan plan, CalibrationData data, Map<String, FixedFormat> formats) {
    int images = Math.min(IMAGES_LEARNED, data.images());
    float[][] inputs = new float[images][];
    float[][] wanted = new float[images][];
    try (OrtModel model = OrtModel.open(graph, OrtModel.Options.DEPLOYED)) {
      for (int i = 0; i < images; i++) {
        Map<String, TensorValue> feed = data.feed(graph, i, i + 1);
        inputs[i] = feed.values().iterator().next().floats();
        wanted[i] = model.run(feed).get(graph.outputs().getFirst().name()).floats();
      }
    }
    double work = (double) FixedCost.of(plan.network(formats)).macs() * images;
    double left = WORK - work;
    double error = error(plan, formats, inputs, wanted);
    int moved = 0;
    for (String value : List.copyOf(formats.keySet()).stream().sorted().toList()) {
      FixedFormat before = formats.get(value);
      for (int step : new int[] {1, -1}) {
        left -= work;
        if (left < 0) {
          return moved;
        }
        formats.put(value, before.withFraction(before.fraction() + step));
        double next = error(plan, formats, inputs, wanted);
        if (next < error) {
          error = next;
          moved++;
          break;
        }
        formats.put(value, before);
      }
    }
    return moved;
  }

  /** The outputs' squared error; infinite where the formats do not fit together. */
  private static double error(
      FixedPlan plan, Map<String, FixedFormat> formats, float[][] inputs, float[][] wanted) {
    FixedNetwork network;
    try {
      network = plan.network(formats);
    } catch (CompressionException e) {
      return Double.POSITIVE_INFINITY;
    }
    double error = 0;
    for (int i = 0; i < inputs.length; i++) {
      float[] found = FixedEmulator.run(network, inputs[i]);
      for (int k = 0; k < found.length; k++) {
        double difference = found[k] - wanted[i][k];
        error += difference * difference;
      }
    }
    return error;
  }
}
