package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.metric.Figure;
import dev.lathe.metric.Metric;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RequestJson;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStopped;
import dev.lathe.runs.SearchRequest;
import dev.lathe.space.table.MeasurementTable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches of a table of 512 rows: accuracy grows with all genes, each device likes others. */
class TableSearchTest {
  private static final MeasurementTable TABLE = table();
  private static final StagedSearch RUNNER =
      new StagedSearch(InstantSource.system(), name -> TABLE);

  private static MeasurementTable table() {
    StringBuilder text =
        new StringBuilder(
            "gene:a,gene:b,gene:c,metric:accuracy_percent,metric:desk_latency_ms,metric:phone_latency_ms\n");
    for (int a = 0; a < 8; a++) {
      for (int b = 0; b < 8; b++) {
        for (int c = 0; c < 8; c++) {
          text.append(
              "%d,%d,%d,%s,%s,%s%n"
                  .formatted(
                      a,
                      b,
                      c,
                      50 + 3 * a + 2 * b + c - (a == b ? 1.5 : 0),
                      1 + 0.5 * a + 0.1 * b * b,
                      2 + 0.1 * a * a + 0.4 * c));
        }
      }
    }
    try {
      return MeasurementTable.read(
          "tiny", new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SearchRequest request(String method) {
    return RUNNER.filled(
        RequestJson.read(
            """
            {"space":{"table":"tiny"},"method":"%s","budget":{"evaluations":60},
             "objectives":[{"maximize":"accuracy_percent"},{"minimize":"latency@desk"},{"minimize":"latency@phone"}],
             "constraints":[{"metric":"latency@desk","atMost":6}]}"""
                .formatted(method)),
        List.of());
  }

  private static void run(SearchRequest request, MemoryStore store, RunControl control) {
    RUNNER.run(request, store, new RooflineDevice(), control, Path.of("unused"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"random", "aging", "nsga2", "unsga3", "predictor"})
  void search_goesOnAfterAStopAsIfThereWasNone(String method) {
    SearchRequest request = request(method);
    MemoryStore whole = new MemoryStore();
    run(request, whole, () -> {});

    MemoryStore broken = new MemoryStore();
    AtomicInteger looks = new AtomicInteger();
    assertThatThrownBy(
            () ->
                run(
                    request,
                    broken,
                    () -> {
                      if (looks.incrementAndGet() > 1) {
                        throw new RunStopped(RunStopped.Reason.SHUTDOWN);
                      }
                    }))
        .isInstanceOf(RunStopped.class);
    assertThat(broken.candidates()).isNotEmpty().hasSizeLessThan(60);
    run(request, broken, () -> {});

    assertThat(broken.candidates()).isEqualTo(whole.candidates()).hasSize(60);
    assertThat(broken.front).isEqualTo(whole.front).isNotEmpty();
    assertThat(whole.report()).contains("\"algorithm\" : \"%s\"".formatted(method));
  }

  @Test
  void constraints_holdDuringTheSearch_andFrontIsTheSame() {
    MemoryStore store = new MemoryStore();
    run(request("nsga2"), store, () -> {});
    for (CandidateRecord candidate : store.candidates()) {
      boolean keeps = candidate.figures().get("latency@desk").value() <= 6;
      assertThat(candidate.status() == CandidateRecord.Status.OK).isEqualTo(keeps);
    }
    assertThat(store.front)
        .allSatisfy(
            member ->
                assertThat(member.figures().get("latency@desk").value()).isLessThanOrEqualTo(6));
    List<Double> history =
        store.candidates().stream().flatMap(one -> one.hypervolume().stream().boxed()).toList();
    assertThat(history).isSorted().last().satisfies(last -> assertThat(last).isPositive());
  }

  @Test
  void predictor_isAheadOfRandom_forTheSameEvaluations() {
    MemoryStore models = new MemoryStore();
    MemoryStore chance = new MemoryStore();
    run(request("predictor"), models, () -> {});
    run(request("random"), chance, () -> {});
    assertThat(share(models)).isGreaterThan(share(chance));
  }

  private static double share(MemoryStore store) {
    double best = 0;
    for (CandidateRecord candidate : store.candidates()) {
      if (candidate.status() == CandidateRecord.Status.OK) {
        best = Math.max(best, candidate.figures().get("accuracy_percent").value());
      }
    }
    return best;
  }

  @Test
  void whatATableHasNot_isRefused() {
    assertThatThrownBy(() -> RUNNER.check(request("single-path")))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("a table holds none");
    SearchRequest energy =
        request("nsga2")
            .withGoals(List.of(SearchRequest.Goal.minimize(Metric.of("energy@desk"))), List.of());
    assertThatThrownBy(() -> RUNNER.check(energy)).hasMessageContaining("energy@desk");
    assertThatThrownBy(() -> RUNNER.check(request("nsga2").withForms(List.of("int8"))))
        .hasMessageContaining("no forms");
  }

  @Test
  void rowWithAnEmptyCell_failsAndTheSearchGoesOn() throws IOException {
    MeasurementTable gappy =
        MeasurementTable.read(
            "gappy",
            new ByteArrayInputStream(
                "gene:a,metric:x_score,metric:d_latency_ms\n0,1,1\n1,,2\n2,3,3\n"
                    .getBytes(StandardCharsets.UTF_8)));
    StagedSearch runner = new StagedSearch(InstantSource.system(), name -> gappy);
    SearchRequest request =
        runner.filled(RequestJson.read("{\"space\":{\"table\":\"gappy\"}}"), List.of());
    MemoryStore store = new MemoryStore();
    runner.run(request, store, new RooflineDevice(), () -> {}, Path.of("unused"));
    assertThat(store.candidates()).hasSize(3);
    assertThat(store.candidates())
        .filteredOn(one -> one.status() == CandidateRecord.Status.FAILED)
        .singleElement()
        .satisfies(
            one -> assertThat(one.failure()).isEqualTo(Optional.of("its row has an empty cell")));
    assertThat(store.front).hasSize(2);
    assertThat(store.front.getFirst().figures().get("latency@d").source())
        .isEqualTo(Figure.Source.PUBLISHED);
  }
}
