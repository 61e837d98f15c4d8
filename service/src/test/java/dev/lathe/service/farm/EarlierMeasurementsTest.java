package dev.lathe.service.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.farm.SentinelModel;
import dev.lathe.farm.Structure;
import dev.lathe.farm.device.Health;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.service.LatheTestResource;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.RunKind;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import dev.lathe.service.store.Transactions;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(LatheTestResource.class)
class EarlierMeasurementsTest {
  private static final Instant NOW = Instant.parse("2030-01-01T12:00:00Z");
  private static final String SHA = "c".repeat(64);

  private final String structure = Structure.sha256(OnnxGraph.parse(SentinelModel.bytes()));

  private static DeviceRow device(String name) {
    DeviceRow row = new DeviceRow();
    row.name = name;
    row.backend = "test";
    row.host = "elsewhere";
    row.runtime = "test 1";
    row.threads = 1;
    row.health = Health.GOOD;
    row.persist();
    return row;
  }

  private static long search(RunKind kind) {
    SearchRow row = new SearchRow();
    row.name = "looked up";
    row.kind = kind;
    row.state = SearchState.FINISHED;
    row.request = "{}";
    row.createdAt = NOW;
    row.persist();
    return row.number();
  }

  private MeasurementRow measured(DeviceRow device, long search, String verdict, Instant at) {
    MeasurementRow row = new MeasurementRow();
    row.deviceId = device.number();
    row.searchId = search;
    row.key = "m";
    row.precision = "float32";
    row.modelSha256 = "a".repeat(64);
    row.structureSha256 = structure;
    row.runtime = "test 1";
    row.threads = 1;
    row.batch = 1;
    row.protocol = "quick";
    row.samplesMillis = new double[] {2.5};
    row.p50Millis = 2.5;
    row.p90Millis = 2.5;
    row.p99Millis = 2.5;
    row.verdict = verdict;
    row.recordedAt = at;
    row.persist();
    return row;
  }

  private Optional<MeasurementRow> take(DeviceRow device, long search, String key) {
    return EarlierMeasurements.take(
        new MeasurementRequest(key, device.name, SentinelModel.bytes(), "float32", "quick"),
        SHA,
        structure,
        device,
        search,
        NOW);
  }

  @Test
  void stableMeasurementOfAnotherSearch_isTakenOnce_andSaysWhereItComesFrom() {
    Transactions.run(
        () -> {
          DeviceRow device = device("lookup-once");
          MeasurementRow earlier =
              measured(device, search(RunKind.SEARCH), "stable", NOW.minusSeconds(60));
          long search = search(RunKind.SEARCH);
          MeasurementRow taken = take(device, search, "first").orElseThrow();
          assertThat(taken.p50Millis).isEqualTo(2.5);
          assertThat(taken.modelSha256).isEqualTo(SHA);
          assertThat(taken.searchId).isEqualTo(search);
          assertThat(taken.environment.get(EarlierMeasurements.TAKEN_FROM))
              .isEqualTo(
                  "measurement %d of search %d".formatted(earlier.number(), earlier.searchId));
          assertThat(take(device, search, "again"))
              .as("a network that is measured again on purpose gets another reading")
              .isEmpty();
          assertThat(take(device, search(RunKind.SEARCH), "first")).isPresent();
        });
  }

  @Test
  void whatIsNoisyOldOfAnotherDeviceOrForACalibration_isNotTaken() {
    Transactions.run(
        () -> {
          DeviceRow device = device("lookup-none");
          measured(device, search(RunKind.SEARCH), "noisy", NOW.minusSeconds(60));
          measured(device, search(RunKind.SEARCH), "stable", NOW.minus(Duration.ofDays(2)));
          measured(device("lookup-other"), search(RunKind.SEARCH), "stable", NOW.minusSeconds(60));
          assertThat(take(device, search(RunKind.SEARCH), "m")).isEmpty();
          measured(device, search(RunKind.SEARCH), "stable", NOW.minusSeconds(60));
          assertThat(take(device, search(RunKind.CALIBRATION), "m")).isEmpty();
          assertThat(take(device, search(RunKind.SEARCH), "m")).isPresent();
        });
  }
}
