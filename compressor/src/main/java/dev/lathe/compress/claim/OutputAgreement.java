package dev.lathe.compress.claim;

import dev.lathe.compress.CalibrationData;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Agreement of two models on single items: of an output with one number a class, whether the same
 * class is named; of another output, the share of its energy that is not error. The worst output of
 * an item counts.
 */
final class OutputAgreement {
  private static final int BATCH = 16;

  private OutputAgreement() {}

  /** One value in [0, 1] an item; items that fill no whole run are left out. */
  static double[] of(OnnxGraph original, OnnxGraph other, CalibrationData data, int from, int to) {
    int fixed = data.itemsARun(original);
    int batch = fixed == 0 ? BATCH : fixed;
    int count = fixed == 0 ? to - from : (to - from) / fixed * fixed;
    double[] values = new double[count];
    List<String> outputs =
        original.outputs().stream()
            .filter(output -> output.type().isFloating())
            .map(ValueInfo::name)
            .toList();
    try (OrtModel reference = OrtModel.open(original, OrtModel.Options.DEPLOYED);
        OrtModel model = OrtModel.open(other, OrtModel.Options.DEPLOYED)) {
      for (int start = 0; start < count; start += batch) {
        int items = Math.min(batch, count - start);
        Map<String, TensorValue> feed = data.feed(original, from + start, from + start + items);
        Map<String, TensorValue> wanted = reference.run(feed);
        Map<String, TensorValue> found = model.run(feed);
        double[] worst = new double[items];
        Arrays.fill(worst, 1);
        for (String output : outputs) {
          compare(wanted.get(output), found.get(output), worst);
        }
        System.arraycopy(worst, 0, values, start, items);
      }
    }
    return values;
  }

  private static void compare(TensorValue wanted, TensorValue found, double[] worst) {
    float[] a = wanted.floats();
    float[] b = found.floats();
    boolean perItem = wanted.rank() > 0 && wanted.dim(0) == worst.length;
    boolean classes = perItem && wanted.rank() == 2 && wanted.dim(1) > 1;
    int size = perItem ? a.length / worst.length : a.length;
    for (int item = 0; item < worst.length; item++) {
      int start = perItem ? item * size : 0;
      double value =
          classes
              ? largest(a, start, size) == largest(b, start, size) ? 1 : 0
              : kept(a, b, start, size);
      worst[item] = Math.min(worst[item], value);
    }
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

  private static double kept(float[] wanted, float[] found, int from, int count) {
    double signal = 0;
    double noise = 0;
    for (int i = from; i < from + count; i++) {
      double difference = wanted[i] == found[i] ? 0 : (double) wanted[i] - found[i];
      noise += difference * difference;
      signal += Float.isInfinite(wanted[i]) ? 0 : (double) wanted[i] * wanted[i];
    }
    if (noise == 0) {
      return 1;
    }
    double share = noise / signal;
    return share <= 1 ? 1 - share : 0;
  }
}
