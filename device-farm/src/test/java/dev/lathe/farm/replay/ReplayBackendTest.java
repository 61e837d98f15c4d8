package dev.lathe.farm.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementBackendContract;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.TestFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplayBackendTest extends MeasurementBackendContract {
  private Path file;

  /** Stands in for a device: the larger the file, the longer it takes. */
  private static final class Live implements MeasurementBackend {
    @Override
    public DeviceFacts facts() {
      return TestFacts.of("replay");
    }

    @Override
    public Measurement measure(Path onnx, MeasurementProtocol protocol) {
      double[] samples = new double[protocol.minSamples()];
      Arrays.setAll(samples, i -> 0.001 * onnx.toFile().length() + 0.01 * i);
      return Measurement.of(
          facts().runtime(),
          1,
          1,
          10,
          "quick",
          samples,
          1,
          1,
          Instant.now(),
          Map.of("processor", "P"));
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void record() throws Exception {
    file = folder.resolve("recordings.jsonl");
    try (RecordingBackend recording = new RecordingBackend(new Live(), Recordings.open(file))) {
      for (Path model : models()) {
        recording.measure(model, MeasurementProtocol.quick(1));
      }
    }
  }

  @Override
  protected MeasurementBackend backend() throws IOException {
    return new ReplayBackend(Recordings.open(file));
  }

  @Test
  void replayedMeasurement_isTheRecordedOneAndSaysSo() throws Exception {
    Path model = models().getFirst();
    Measurement replayed = backend().measure(model, MeasurementProtocol.quick(1));
    assertThat(replayed.samplesMillis())
        .isEqualTo(new Live().measure(model, MeasurementProtocol.quick(1)).samplesMillis());
    assertThat(replayed.environment()).containsEntry("replayed", "true");
  }

  @Test
  void lineThatWasCutOff_isRemovedAndTheNextIsKept() throws Exception {
    Files.writeString(file, "{\"sha256\":\"ab", StandardOpenOption.APPEND);
    Recordings recordings = Recordings.open(file);
    assertThat(recordings.size()).isEqualTo(2);
    recordings.add(
        "c".repeat(64), backend().measure(models().getFirst(), MeasurementProtocol.quick(1)));
    assertThat(Recordings.open(file).size()).isEqualTo(3);
  }

  @Test
  void damagedLine_isNamed() throws Exception {
    Files.writeString(file, "{\"sha256\":7,\"measurement\":true}\n", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> Recordings.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 3 of")
        .hasMessageContaining("recordings.jsonl");
  }
}
