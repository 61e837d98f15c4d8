package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.Tables;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole search, with real networks on a device that follows a law. */
class StagedSearchTest {
  private static final MemoryStore STORE = new MemoryStore();
  private static final RooflineDevice DEVICE = new RooflineDevice();

  @BeforeAll
  static void search(@TempDir Path folder) {
    SearchRequest request =
        SearchRequest.of("builtin", 1)
            .withBudget(new SearchRequest.Budget(OptionalDouble.empty(), OptionalInt.of(16), 0))
            .withSettings(
                Map.ofEntries(
                    Map.entry("calibrationNetworks", 24),
                    Map.entry("trainImages", 200),
                    Map.entry("validationImages", 50),
                    Map.entry("testImages", 50),
                    Map.entry("supernetSteps", 6),
                    Map.entry("fineTuneSteps", 4),
                    Map.entry("members", 3),
                    Map.entry("baselines", List.of())));
    new StagedSearch(InstantSource.system(), Tables.none())
        .run(request, STORE, DEVICE, () -> {}, folder);
  }

  /** The device's latencies by form: those of all files that were measured. */
  private static double[] range(String form) {
    return DEVICE.record.entrySet().stream()
        .filter(entry -> entry.getKey().contains(form))
        .mapToDouble(entry -> entry.getValue().p50Millis())
        .sorted()
        .toArray();
  }

  @Test
  void candidates_arePredictedInTheirForm() {
    Metric latency = Metric.on(Quantity.LATENCY, "roofline");
    for (String form : List.of("float32", "int8")) {
      double[] measured = range(form);
      List<CandidateRecord> candidates =
          STORE.candidates().stream()
              .filter(candidate -> candidate.labels().get("form").equals(form))
              .toList();
      assertThat(candidates).isNotEmpty();
      assertThat(candidates)
          .extracting(candidate -> candidate.figures().get(latency.name()).value())
          .allSatisfy(
              value ->
                  assertThat(value)
                      .isBetween(0.7 * measured[0], 1.3 * measured[measured.length - 1]));
    }
  }

  @Test
  void members_areMeasuredInTheirForms() {
    assertThat(STORE.artifacts())
        .extracting(artifact -> artifact.record().precision().orElse(""))
        .contains("float32", "int8");
    assertThat(DEVICE.record.values())
        .extracting(MeasurementOutcome.Measured::p50Millis)
        .allMatch(millis -> millis > 0);
  }
}
