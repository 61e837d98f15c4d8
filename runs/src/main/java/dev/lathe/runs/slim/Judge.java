package dev.lathe.runs.slim;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.claim.Scoring;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Judges models by some items, against labels or against the answers of the original. */
public final class Judge {
  private static final int BATCH = 32;

  private final OnnxGraph original;
  private final CalibrationData items;
  private final int[] labels;
  private final Map<String, List<float[]>> answers;
  private final int classes;

  /**
   * How good a model is.
   *
   * @param value the score that is reported, in [0, 1]
   * @param closeness 1 − the relative error of the worst output, at least 0
   */
  public record Score(double value, double closeness) {
    /** Whether it is better than another: by what is reported, and by closeness where that ties. */
    public boolean beats(Score other) {
      return value > other.value || value == other.value && closeness > other.closeness;
    }
  }

  /**
   * @param labels of the items, by their index; empty if the original's answers are all there is
   */
  public Judge(OnnxGraph original, CalibrationData items, int[] labels) {
    this.original = original;
    this.items = items;
    this.labels = labels;
    this.answers = run(original);
    List<float[]> first = answers.values().iterator().next();
    long all = first.stream().mapToLong(values -> values.length).sum();
    int rank = original.outputs().getFirst().shape().size();
    this.classes = rank == 2 && all > items.images() ? (int) (all / items.images()) : 0;
  }

  /** What the score is. */
  public String name() {
    return labels.length > 0 ? "accuracy" : classes > 0 ? "top-1 agreement" : "agreement";
  }

  /** Numbers that the first output has for an item, where it looks like one a class; else 0. */
  public int classes() {
    return classes;
  }

  public Score of(OnnxGraph model) {
    Map<String, List<float[]>> found = run(model);
    double closeness = 1;
    for (Map.Entry<String, List<float[]>> entry : answers.entrySet()) {
      closeness = Math.min(closeness, closeness(entry.getValue(), found.get(entry.getKey())));
    }
    if (classes == 0) {
      return new Score(closeness, closeness);
    }
    String first = answers.keySet().iterator().next();
    return new Score(right(answers.get(first), found.get(first)), closeness);
  }

  /** How many items it judges by. */
  int items() {
    return items.images();
  }

  /** What a model is worth on each item, in [0, 1], for tests in pairs. */
  double[] values(OnnxGraph model) {
    if (labels.length == 0) {
      return new Scoring.Agreement(original, items).values(model, 0, items.images());
    }
    List<float[]> found = run(model).values().iterator().next();
    double[] values = new double[found.stream().mapToInt(batch -> batch.length / classes).sum()];
    int item = 0;
    for (float[] batch : found) {
      for (int at = 0; at < batch.length; at += classes, item++) {
        values[item] = largest(batch, at, classes) == labels[item] ? 1 : 0;
      }
    }
    return values;
  }

  private double right(List<float[]> wanted, List<float[]> found) {
    int item = 0;
    double right = 0;
    for (int batch = 0; batch < found.size(); batch++) {
      for (int at = 0; at < found.get(batch).length; at += classes, item++) {
        int answer = labels.length > 0 ? labels[item] : largest(wanted.get(batch), at, classes);
        right += largest(found.get(batch), at, classes) == answer ? 1 : 0;
      }
    }
    return right / item;
  }

  private static int largest(float[] values, int from, int count) {
    int largest = 0;
    for (int i = 1; i < count; i++) {
      if (values[from + i] > values[from + largest]) {
        largest = i;
      }
    }
    return largest;
  }

  private static double closeness(List<float[]> wanted, List<float[]> found) {
    double error = 0;
    double size = 1e-30;
    for (int batch = 0; batch < wanted.size(); batch++) {
      for (int i = 0; i < wanted.get(batch).length; i++) {
        double difference = wanted.get(batch)[i] - found.get(batch)[i];
        error += difference * difference;
        size += wanted.get(batch)[i] * wanted.get(batch)[i];
      }
    }
    double relative = Math.sqrt(error / size);
    return Double.isFinite(relative) ? Math.max(0, 1 - relative) : 0;
  }

  /** The floating outputs, batch by batch. */
  private Map<String, List<float[]>> run(OnnxGraph model) {
    Map<String, List<float[]>> outputs = new LinkedHashMap<>();
    int fixed = items.itemsARun(model);
    int batch = fixed > 0 ? fixed : BATCH;
    try (OrtModel session = OrtModel.open(model, OrtModel.Options.DEPLOYED)) {
      for (int at = 0; at < items.images(); at += batch) {
        int end = Math.min(items.images(), at + batch);
        if (fixed > 0 && end - at < fixed) {
          break; // a fixed batch takes no remainder
        }
        Map<String, TensorValue> results = session.run(items.feed(model, at, end));
        model
            .outputs()
            .forEach(
                output -> {
                  TensorValue value = results.get(output.name());
                  if (value.type() == ElementType.FLOAT) {
                    outputs
                        .computeIfAbsent(output.name(), key -> new ArrayList<>())
                        .add(value.floats());
                  }
                });
      }
    }
    if (outputs.isEmpty()) {
      throw new IllegalArgumentException(
          "the model has no output of type float by which it could be judged.");
    }
    return outputs;
  }
}
