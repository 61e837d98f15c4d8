package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * What a model costs in this process, at one thread.
 *
 * @param latencyMillis median of single runs; other work on the machine makes it larger
 * @param residentMegabytes by which the process grew when the model was loaded and run, in 10⁶
 *     bytes; memory that was free already is not seen; NaN where the system does not tell
 */
public record RunningCost(double latencyMillis, double residentMegabytes) {
  private static final int WARM_UPS = 3;
  private static final int RUNS = 15;

  /** Loads a model and runs it a few times on the first of the data, one item if it takes that. */
  public static RunningCost of(OnnxGraph model, CalibrationData data) {
    int batch = Math.max(1, data.itemsARun(model));
    Map<String, TensorValue> inputs = data.feed(model, 0, batch);
    double before = residentNow();
    try (OrtModel session = OrtModel.open(model, OrtModel.Options.DEPLOYED);
        OrtModel.Prepared prepared = session.prepare(inputs)) {
      double[] millis = new double[RUNS];
      for (int run = -WARM_UPS; run < RUNS; run++) {
        long start = System.nanoTime();
        prepared.run();
        if (run >= 0) {
          millis[run] = (System.nanoTime() - start) / 1e6;
        }
      }
      Arrays.sort(millis);
      return new RunningCost(millis[RUNS / 2], Math.max(0, residentNow() - before));
    }
  }

  private static double residentNow() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1024 / 1e6)
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
