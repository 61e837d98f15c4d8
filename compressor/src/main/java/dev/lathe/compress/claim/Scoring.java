package dev.lathe.compress.claim;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.calibration.CalibrationSource;
import dev.lathe.compress.calibration.ClassScore;
import dev.lathe.compress.calibration.LabelledItems;
import dev.lathe.onnx.OnnxGraph;
import java.util.Arrays;
import java.util.Optional;

/** What a model is worth on single items, so that two models can be compared in pairs. */
public interface Scoring {
  /** For people and reports. */
  String name();

  /** How many values there are: one an item, or one for a group of items. */
  int count();

  /** Values, in [0, 1], larger is better, {@code from} (inclusive) to {@code to} (exclusive). */
  double[] values(OnnxGraph model, int from, int to);

  /** The mean of the first values, of as many as are wanted or of all. */
  default double mean(OnnxGraph model, int most) {
    return Arrays.stream(values(model, 0, Math.min(most, count()))).average().orElse(Double.NaN);
  }

  /** Accuracy where labels are known and the model answers with one number a class. */
  static Optional<Scoring> accuracy(OnnxGraph original, Optional<LabelledItems> items) {
    return items.flatMap(
        labelled ->
            ClassScore.output(original, labelled).map(output -> new Accuracy(labelled, output)));
  }

  /** Accuracy on test items, or else agreement with the original on held-out ones. */
  static Scoring of(OnnxGraph original, CalibrationSource source) {
    return accuracy(original, source.test())
        .orElseGet(() -> new Agreement(original, source.heldOut()));
  }

  /** Whether the largest of the numbers for the classes is that of the right one. */
  record Accuracy(LabelledItems items, String output) implements Scoring {
    @Override
    public String name() {
      return "accuracy";
    }

    @Override
    public int count() {
      return items.labels().length;
    }

    @Override
    public double[] values(OnnxGraph model, int from, int to) {
      int[] named = ClassScore.named(model, output, items.between(from, to));
      double[] values = new double[named.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = named[i] == items.labels()[from + i] ? 1 : 0;
      }
      return values;
    }
  }

  /** How well an item's outputs agree with those of the original. */
  record Agreement(OnnxGraph original, CalibrationData data) implements Scoring {
    @Override
    public String name() {
      return "agreement";
    }

    @Override
    public int count() {
      return data.images();
    }

    @Override
    public double[] values(OnnxGraph model, int from, int to) {
      return OutputAgreement.of(original, model, data, from, to);
    }
  }
}
