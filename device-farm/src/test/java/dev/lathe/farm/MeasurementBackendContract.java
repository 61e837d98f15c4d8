package dev.lathe.farm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every back end promises. A test of a back end extends this and says which back end it is.
 */
public abstract class MeasurementBackendContract {
  @TempDir protected Path folder;

  /** The back end under test, able to measure {@link #models}. */
  protected abstract MeasurementBackend backend() throws Exception;

  /** Two models that it can measure; the first takes less time. */
  protected List<Path> models() {
    return List.of(
        TestModels.file(folder, "small.onnx", TestModels.mobile(8, 1, 16)),
        TestModels.file(folder, "large.onnx", TestModels.mobile(32, 4, 48)));
  }

  private Path garbage() {
    return TestModels.file(folder, "garbage.onnx", "no model".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void measurement_hasWhatTheProtocolAsks() throws Exception {
    MeasurementProtocol protocol = MeasurementProtocol.quick(1);
    Measurement measurement = backend().measure(models().getFirst(), protocol);
    assertThat(measurement.samplesMillis()).hasSizeGreaterThanOrEqualTo(protocol.minSamples());
    assertThat(measurement.warmups()).isGreaterThanOrEqualTo(protocol.warmups());
    assertThat(measurement.protocol()).isEqualTo("quick");
    assertThat(measurement.threads()).isEqualTo(1);
    assertThat(measurement.batch()).isEqualTo(1);
    assertThat(measurement.runtime()).isEqualTo(backend().facts().runtime()).matches(".+ \\d.*");
    assertThat(measurement.environment()).containsKey("processor");
    assertThat(backend().facts().backend()).matches("[a-z]+");
  }

  @Test
  void largerModel_takesLonger() throws Exception {
    MeasurementProtocol protocol = MeasurementProtocol.quick(1);
    double small = backend().measure(models().getFirst(), protocol).p50();
    assertThat(backend().measure(models().getLast(), protocol).p50()).isGreaterThan(2 * small);
  }

  @Test
  void modelThatCannotBeMeasured_isNamedAndHarmsNoOther() throws Exception {
    MeasurementProtocol protocol = MeasurementProtocol.quick(1);
    assertThatThrownBy(() -> backend().measure(garbage(), protocol))
        .isInstanceOf(MeasurementFailed.class)
        .hasMessageContaining("garbage.onnx")
        .extracting(e -> ((MeasurementFailed) e).kind())
        .isEqualTo(FailureKind.MODEL_REFUSED);
    assertThat(backend().measure(models().getFirst(), protocol).p50()).isPositive();
  }

  @Test
  void missingFile_isNamed() {
    assertThatThrownBy(
            () -> backend().measure(folder.resolve("absent.onnx"), MeasurementProtocol.quick(1)))
        .isInstanceOf(MeasurementFailed.class)
        .hasMessageContaining("absent.onnx")
        .hasMessageContaining("Maybe");
  }

  @Test
  void together_oneOutcomeAFileInOrder() throws Exception {
    List<Outcome> outcomes =
        backend()
            .measureTogether(
                List.of(models().getLast(), garbage(), models().getFirst()),
                MeasurementProtocol.quick(1));
    assertThat(outcomes).hasSize(3);
    assertThat(outcomes.get(1))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.kind()).isEqualTo(FailureKind.MODEL_REFUSED));
    assertThat(((Outcome.Measured) outcomes.get(0)).measurement().p50())
        .isGreaterThan(2 * ((Outcome.Measured) outcomes.get(2)).measurement().p50());
  }

  @Test
  void interruption_endsTheMeasurementAndLeavesTheBackEndUsable() throws Exception {
    MeasurementProtocol endless = new MeasurementProtocol("long", 1, 10, 1_000_000, 3_600_000);
    Path model = models().getFirst();
    MeasurementBackend backend = backend();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> backend.measure(model, endless))
        .isInstanceOf(InterruptedException.class);
    assertThat(backend.measure(model, MeasurementProtocol.quick(1)).p50()).isPositive();
  }
}
