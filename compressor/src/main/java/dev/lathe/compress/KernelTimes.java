package dev.lathe.compress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

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
   *     #END_OF_TAG}; no name may need escapes in JSON
   * @param rounds timed runs of each model, rounded up to whole turns
   * @return for each model the medians of its tagged kernels in microseconds, without the
   *     Transposes that ONNX Runtime may put around them
   * @throws OnnxException if a model cannot be run, or its profile not be read
   */
  static List<Map<String, Double>> interleaved(
      List<byte[]> models, Map<String, TensorValue> inputs, int rounds) {
    try {
      Path folder = Files.createTempDirectory("lathe");
      try {
        return interleaved(models, inputs, rounds, folder);
      } finally {
        delete(folder);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new OnnxException("kernels cannot be timed: " + e.getMessage(), e);
    }
  }

  private static List<Map<String, Double>> interleaved(
      List<byte[]> models, Map<String, TensorValue> inputs, int rounds, Path folder)
      throws IOException {
    Deque<Runnable> open = new ArrayDeque<>();
    try {
      List<OrtModel> sessions = new ArrayList<>();
      List<OrtModel.Prepared> runs = new ArrayList<>();
      for (byte[] model : models) {
        OrtModel session = OrtModel.profiled(model, folder.resolve("model-" + sessions.size()));
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
        times.add(medians(session.endProfile()));
      }
      return times;
    } finally {
      open.forEach(Runnable::run);
    }
  }

  /** Reads a list of events one by one: a profile can be larger than memory. */
  private static Map<String, Double> medians(Path profile) throws IOException {
    Map<String, List<Double>> times = new HashMap<>();
    try (MappingIterator<JsonNode> events =
        new ObjectMapper().readerFor(JsonNode.class).readValues(profile.toFile())) {
      while (events.hasNext()) {
        JsonNode event = events.next();
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
    }
    Map<String, Double> medians = new HashMap<>();
    times.forEach((name, all) -> medians.put(name, median(all)));
    return medians;
  }

  private static double median(List<Double> times) {
    List<Double> sorted =
        times.subList(Math.min(WARM_UPS, times.size() - 1), times.size()).stream()
            .sorted()
            .toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
