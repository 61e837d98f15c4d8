package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What was seen of a graph's activations on calibration data. Memory is 64 KiB and one number a
 * channel for each tensor, whatever the number of images; beside it the activations of one batch.
 */
final class ActivationStatistics {
  /** Activations of a batch, elements: batches are cut so that they stay below. */
  private static final long BATCH_ELEMENTS = 4_000_000;

  /** What was seen of one tensor. */
  static final class Seen {
    private final Histogram histogram = new Histogram();
    private double[] channelSums = {};
    private long itemsAndPositions;
    private double averageMin;
    private double averageMax;
    private boolean first = true;

    private void add(FloatBuffer values, long items, double averageWeight) {
      histogram.add(values);
      addChannels(values, items);
      if (averageWeight > 0) {
        addAverages(values, averageWeight);
      }
    }

    /** Sums per channel: the second of the dimensions, whose size is found from the first call. */
    private void addChannels(FloatBuffer values, long items) {
      int channels = channelSums.length;
      if (channels == 0) {
        return;
      }
      // A value that does not begin with the items, as after a transposition, is a matrix of rows.
      boolean byItem = values.remaining() % ((long) items * channels) == 0;
      long rows = byItem ? items : values.remaining() / channels;
      int positions = byItem ? (int) (values.remaining() / rows / channels) : 1;
      float[] array = values.array();
      int at = values.arrayOffset() + values.position();
      for (long row = 0; row < rows; row++) {
        for (int channel = 0; channel < channels; channel++) {
          channelSums[channel] += sum(array, at, at + positions);
          at += positions;
        }
      }
      itemsAndPositions += rows * positions;
    }

    /** Four sums at a time: each addition waits for the one before. */
    private static double sum(float[] values, int from, int to) {
      double a = 0;
      double b = 0;
      double c = 0;
      double d = 0;
      int i = from;
      for (; i + 3 < to; i += 4) {
        a += values[i];
        b += values[i + 1];
        c += values[i + 2];
        d += values[i + 3];
      }
      for (; i < to; i++) {
        a += values[i];
      }
      return a + b + c + d;
    }

    private void addAverages(FloatBuffer values, double weight) {
      float least = Float.POSITIVE_INFINITY;
      float greatest = Float.NEGATIVE_INFINITY;
      for (int i = values.position(); i < values.limit(); i++) {
        least = Math.min(least, values.get(i));
        greatest = Math.max(greatest, values.get(i));
      }
      averageMin = first ? least : averageMin + weight * (least - averageMin);
      averageMax = first ? greatest : averageMax + weight * (greatest - averageMax);
      first = false;
    }

    Histogram histogram() {
      return histogram;
    }

    /** The mean of each channel; empty where channels were not asked for. */
    double[] channelMeans() {
      return Arrays.stream(channelSums).map(sum -> sum / itemsAndPositions).toArray();
    }

    /** The range that a calibrator chooses. */
    Ranges.Range range(Calibrator calibrator) {
      return switch (calibrator) {
        case Calibrator.MinMax() -> Ranges.minMax(histogram);
        case Calibrator.MovingAverage(double weight) -> new Ranges.Range(averageMin, averageMax);
        case Calibrator.Percentile(double percent) -> Ranges.percentile(histogram, percent);
        case Calibrator.Entropy() -> Ranges.entropy(histogram);
        case Calibrator.MeanSquaredError() -> Ranges.meanSquaredError(histogram);
      };
    }
  }

  private ActivationStatistics() {}

  /**
   * Runs the graph on calibration data and watches some of its values.
   *
   * @param values names of the values to watch, inputs among them
   * @param channels for values whose means per channel are wanted, the number of channels
   * @param images the most items to use
   */
  static Map<String, Seen> collect(
      OnnxGraph graph,
      List<String> values,
      Map<String, Integer> channels,
      CalibrationData data,
      Calibrator calibrator,
      int images) {
    Map<String, Seen> seen = new LinkedHashMap<>();
    for (String value : values) {
      Seen watcher = new Seen();
      watcher.channelSums = new double[channels.getOrDefault(value, 0)];
      seen.put(value, watcher);
    }
    Set<String> given = Feeds.names(graph);
    double weight = calibrator instanceof Calibrator.MovingAverage(double w) ? w : 0;
    List<String> inner = values.stream().filter(value -> !given.contains(value)).toList();
    int count = Math.min(images, data.images());
    if (count == 0) {
      throw new CompressionException(
          "the calibration data have no images. Maybe the folder is empty.");
    }
    OnnxGraph watched = graph.copy();
    if (!inner.isEmpty()) {
      watched.outputs().forEach(output -> watched.removeOutput(output.name()));
    }
    int fixed = data.itemsARun(graph);
    if (count < fixed) {
      throw new CompressionException(
          "a run of the model takes %d items, the calibration data have %d. Maybe use more."
              .formatted(fixed, count));
    }
    try (OrtModel model = OrtModel.open(watched, OrtModel.Options.DEPLOYED, inner)) {
      int batch = Math.max(1, fixed);
      for (int from = 0; from + Math.max(1, fixed) <= count; ) {
        int items = Math.min(batch, count - from);
        Map<String, TensorValue> inputs = data.feed(graph, from, from + items);
        for (TensorValue value : inputs.values()) {
          Seen inputSeen = seen.get(value.name());
          if (inputSeen != null) {
            inputSeen.add(FloatBuffer.wrap(value.floats()), items, weight);
          }
        }
        long[] elements = new long[1];
        model.run(
            inputs,
            (name, buffer) -> {
              elements[0] += buffer.remaining();
              Seen outputSeen = seen.get(name);
              if (outputSeen != null) {
                outputSeen.add(buffer, items, weight);
              }
            });
        from += items;
        batch =
            fixed > 0
                ? fixed
                : (int) Math.clamp(BATCH_ELEMENTS / Math.max(1, elements[0]) * items, 1, 64);
      }
    }
    return seen;
  }
}
