package dev.lathe.supernet.ranking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finished stand-alone trainings, one a line of a file; a line that was cut off is not counted. */
final class StandaloneResults {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Map<Training, Result> results = new HashMap<>();

  /** Which training. */
  record Training(Architecture architecture, int seed) {}

  /** What came of it: top-1 on test images, and seconds. */
  record Result(double accuracy, double seconds) {}

  private record Line(int[] architecture, int seed, double accuracy, double seconds) {}

  StandaloneResults(Path file) throws IOException {
    this.file = file;
    if (!Files.exists(file)) {
      return;
    }
    for (String text : Files.readAllLines(file)) {
      try {
        Line line = JSON.readValue(text, Line.class);
        results.put(
            new Training(Architecture.of(line.architecture()), line.seed()),
            new Result(line.accuracy(), line.seconds()));
      } catch (JsonProcessingException cutOff) {
        continue;
      }
    }
  }

  Optional<Result> find(Training training) {
    return Optional.ofNullable(results.get(training));
  }

  void add(Training training, Result result) throws IOException {
    results.put(training, result);
    Line line =
        new Line(
            training.architecture().toArray(),
            training.seed(),
            result.accuracy(),
            result.seconds());
    // A line break first, so that a line that was cut off spoils none but itself.
    Files.writeString(
        file,
        "\n" + JSON.writeValueAsString(line),
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** Seconds that the seeds of these architectures took together. */
  double seconds(List<Architecture> architectures, int seeds) {
    return results.entrySet().stream()
        .filter(entry -> entry.getKey().seed() < seeds)
        .filter(entry -> architectures.contains(entry.getKey().architecture()))
        .mapToDouble(entry -> entry.getValue().seconds())
        .sum();
  }
}
