package dev.lathe.compress.calibration;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Whether a classifier names the right class. */
public final class ClassScore {
  private static final int BATCH = 32;

  private ClassScore() {}

  /**
   * The output that has one number a class for each item.
   *
   * @return its name; empty where the model has none, so that it is no classifier of these classes
   */
  public static Optional<String> output(OnnxGraph model, LabelledItems items) {
    int run = run(model, items);
    if (items.labels().length < run) {
      return Optional.empty();
    }
    try (OrtModel session = OrtModel.open(model, OrtModel.Options.DEPLOYED)) {
      Map<String, TensorValue> outputs = session.run(items.data().feed(model, 0, run));
      return model.outputs().stream()
          .map(output -> outputs.get(output.name()))
          .filter(value -> value.type().isFloating())
          .filter(value -> value.elements() == (long) run * items.classes())
          .map(TensorValue::name)
          .findFirst();
    }
  }

  private static int run(OnnxGraph model, LabelledItems items) {
    int fixed = items.data().itemsARun(model);
    return fixed == 0 ? 1 : fixed;
  }

  /** The share of items whose class has the largest number; empty as {@link #output}. */
  public static OptionalDouble of(OnnxGraph model, LabelledItems items) {
    Optional<String> output = output(model, items);
    if (output.isEmpty()) {
      return OptionalDouble.empty();
    }
    int[] named = named(model, output.get(), items);
    int right = 0;
    for (int i = 0; i < named.length; i++) {
      right += named[i] == items.labels()[i] ? 1 : 0;
    }
    return OptionalDouble.of((double) right / named.length);
  }

  /** The class that a model names for each item; items that fill no whole run are left out. */
  public static int[] named(OnnxGraph model, String output, LabelledItems items) {
    int fixed = items.data().itemsARun(model);
    int batch = fixed == 0 ? BATCH : fixed;
    int count = fixed == 0 ? items.labels().length : items.labels().length / fixed * fixed;
    int[] named = new int[count];
    try (OrtModel session = OrtModel.open(model, OrtModel.Options.DEPLOYED)) {
      for (int from = 0; from < count; from += batch) {
        int to = Math.min(count, from + batch);
        Map<String, FloatBuffer> outputs = new HashMap<>();
        session.run(items.data().feed(model, from, to), outputs::put);
        FloatBuffer numbers = outputs.get(output);
        for (int item = from; item < to; item++) {
          named[item] = largest(numbers, (item - from) * items.classes(), items.classes());
        }
      }
    }
    return named;
  }

  private static int largest(FloatBuffer numbers, int from, int count) {
    int largest = -1;
    float most = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      float number = numbers.get(numbers.position() + from + i);
      if (number > most) {
        most = number;
        largest = i;
      }
    }
    return largest;
  }
}
