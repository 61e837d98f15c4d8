package dev.lathe.compress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What ONNX Runtime's own profiler says of single kernels. */
final class KernelTimes {
  private static final int WARM_UPS = 5;
  private static final int TURN = 10;

  /** Ends the tag of a node's name; ONNX Runtime lengthens names. */
  static final String END_OF_TAG = "|";

  private KernelTimes() {}

  /**
   * Runs models in turns, in this process, at one thread, as they are deployed.
   *
   * @param models of the same inputs; nodes of interest have names that end with {@link
   *     #END_OF_TAG}
   * @param rounds timed runs of each model, rounded up to whole turns
   * @return for each model the medians of its named kernels in microseconds, without the Transposes
   *     that ONNX Runtime may put around them
   */
  static List<Map<String, Double>> interleaved(
      List<byte[]> models, Map<String, TensorValue> inputs, int rounds) {
    Deque<Runnable> open = new ArrayDeque<>();
    Deque<Path> files = new ArrayDeque<>();
    try {
      List<OrtModel> sessions = new ArrayList<>();
      List<OrtModel.Prepared> runs = new ArrayList<>();
      for (byte[] model : models) {
        Path folder = Files.createTempDirectory("lathe");
        files.push(folder);
        OrtModel session = OrtModel.profiled(model, folder);
        open.push(session::close);
        sessions.add(session);
        OrtModel.Prepared run = session.prepare(inputs);
        open.push(run::close);
        runs.add(run);
      }
      for (int from = 0; from < WARM_UPS + rounds; from += TURN) {
        for (OrtModel.Prepared run : runs) {
          for (int i = 0; i < TURN; i++) {
            run.run();
          }
        }
      }
      List<Map<String, Double>> times = new ArrayList<>();
      for (OrtModel session : sessions) {
        Path profile = session.endProfile();
        files.push(profile);
        times.add(medians(new ObjectMapper().readTree(profile.toFile())));
      }
      return times;
    } catch (IOException e) {
      throw new OnnxException("kernels cannot be timed: " + e, e);
    } finally {
      open.forEach(Runnable::run);
      files.forEach(KernelTimes::delete);
    }
  }

  private static Map<String, Double> medians(JsonNode events) {
    Map<String, List<Double>> times = new HashMap<>();
    for (JsonNode event : events) {
      String name = event.path("name").asText();
      int end = name.indexOf(END_OF_TAG);
      if (end > 0
          && name.endsWith("_kernel_time")
          && !event.path("args").path("op_name").asText().equals("Transpose")) {
        times
            .computeIfAbsent(name.substring(0, end + 1), unused -> new ArrayList<>())
            .add(event.path("dur").asDouble());
      }
    }
    Map<String, Double> medians = new HashMap<>();
    times.forEach((name, all) -> medians.put(name, median(all)));
    return medians;
  }

  private static double median(List<Double> times) {
    double[] sorted =
        times.subList(Math.min(WARM_UPS, times.size() - 1), times.size()).stream()
            .mapToDouble(Double::doubleValue)
            .sorted()
            .toArray();
    return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1)
        .average()
        .orElse(0);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }
}
