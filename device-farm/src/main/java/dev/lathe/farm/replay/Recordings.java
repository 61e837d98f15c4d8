package dev.lathe.farm.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.message.FarmJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * A file of measurements: one JSON object a line, with the SHA-256 of the model's file and the
 * measurement. A measurement is found by model, protocol and threads; a later line replaces an
 * earlier one of the same.
 */
public final class Recordings {
  private record Line(String sha256, Measurement measurement) {}

  private record Key(String sha256, String protocol, int threads) {}

  private final ObjectMapper mapper = FarmJson.mapper();
  private final Path file;
  private final LinkedHashMap<Key, Measurement> measurements = new LinkedHashMap<>();

  private Recordings(Path file) {
    this.file = file;
  }

  /**
   * Reads a file; one that does not exist has no measurements.
   *
   * @throws IOException naming the file and line that cannot be read; a last line that was cut off
   *     when its writer died is removed
   */
  public static Recordings open(Path file) throws IOException {
    Recordings recordings = new Recordings(file);
    if (Files.exists(file)) {
      String text = Files.readString(file);
      String whole = text.substring(0, text.lastIndexOf('\n') + 1);
      List<String> lines = whole.lines().toList();
      for (int i = 0; i < lines.size(); i++) {
        recordings.read(lines.get(i), i + 1);
      }
      if (whole.length() < text.length()) {
        Files.writeString(file, whole);
      }
    }
    return recordings;
  }

  private void read(String line, int number) throws IOException {
    try {
      Line read = mapper.readValue(line, Line.class);
      keep(read.sha256(), read.measurement());
    } catch (JsonProcessingException e) {
      throw new IOException(
          "line %d of '%s': %s".formatted(number, file, e.getOriginalMessage()), e);
    }
  }

  private void keep(String sha256, Measurement measurement) {
    measurements.put(new Key(sha256, measurement.protocol(), measurement.threads()), measurement);
  }

  /** The measurement of a model under a protocol, if there is one. */
  public Optional<Measurement> find(String sha256, MeasurementProtocol protocol) {
    return Optional.ofNullable(
        measurements.get(new Key(sha256, protocol.name(), protocol.threads())));
  }

  /** Adds a measurement to the file. */
  public void add(String sha256, Measurement measurement) throws IOException {
    byte[] line =
        (mapper.writeValueAsString(new Line(sha256, measurement)) + "\n")
            .getBytes(StandardCharsets.UTF_8);
    Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    keep(sha256, measurement);
  }

  /** The measurement that was added last, if there is one. */
  Optional<Measurement> last() {
    return measurements.isEmpty()
        ? Optional.empty()
        : Optional.of(measurements.lastEntry().getValue());
  }

  /** The number of measurements. */
  public int size() {
    return measurements.size();
  }

  /** Where they lie. */
  public Path file() {
    return file;
  }
}
