package dev.lathe.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.metric.Figure;
import dev.lathe.metric.Metric;
import dev.lathe.runs.CandidateRecord.Status;
import dev.lathe.space.Architecture;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** What every {@link RunStore} promises. */
public abstract class RunStoreContract {
  /** An empty store. */
  protected abstract RunStore store();

  private static final Metric LATENCY = Metric.of("latency@a device");

  private static CandidateRecord candidate(int n) {
    return new CandidateRecord(
        Architecture.of(n, n % 2),
        Map.of("a", "" + n),
        n == 2 ? Status.INFEASIBLE : Status.OK,
        Map.of(
            "accuracy",
            Figure.measured(Metric.of("accuracy"), 0.5 + n / 100.0),
            LATENCY.name(),
            new Figure(LATENCY, n, n - 0.5, n + 0.5, Figure.Source.PREDICTED)),
        List.of(-0.5 - n / 100.0, (double) n),
        Optional.empty(),
        OptionalDouble.of(n));
  }

  private static CandidateRecord failed() {
    return new CandidateRecord(
        Architecture.of(9, 1),
        Map.of(),
        Status.FAILED,
        Map.of(),
        List.of(),
        Optional.of("out of memory"));
  }

  @Test
  void facts_areReplaced() {
    RunStore store = store();
    assertThat(store.fact("k")).isEmpty();
    store.fact("k", "1");
    store.fact("k", "[2]");
    assertThat(store.fact("k")).contains("[2]");
  }

  @Test
  void candidates_comeBackAsTheyWereNoted_inTheirOrder() {
    RunStore store = store();
    assertThat(store.lastGeneration()).isEmpty();
    store.generation(0, List.of(candidate(3), candidate(1)), "{\"first\":1}");
    store.generation(1, List.of(candidate(2), failed()), "{\"second\":1}");
    assertThat(store.lastGeneration()).contains(new GenerationState(1, "{\"second\":1}"));
    assertThat(store.candidates())
        .containsExactly(candidate(3), candidate(1), candidate(2), failed());
  }

  @Test
  void generation_notedAgain_isReplaced() {
    RunStore store = store();
    store.generation(0, List.of(candidate(1)), "{}");
    store.generation(1, List.of(candidate(2), candidate(3)), "{}");
    store.generation(1, List.of(candidate(4)), "{\"again\":1}");
    assertThat(store.candidates()).containsExactly(candidate(1), candidate(4));
    assertThat(store.lastGeneration().orElseThrow().algorithmState()).isEqualTo("{\"again\":1}");
  }

  @Test
  void predictor_isReplacedByOneForTheSameDeviceFormAndMetric() {
    RunStore store = store();
    store.predictor(predictor("float32", "latency", 1));
    store.predictor(predictor("float32", "energy", 2));
    store.predictor(predictor("int8", "latency", 3));
    store.predictor(predictor("float32", "latency", 4));
    assertThat(store.predictors())
        .extracting(PredictorRecord::samples)
        .containsExactlyInAnyOrder(2, 3, 4);
  }

  private static PredictorRecord predictor(String form, String metric, int samples) {
    return new PredictorRecord(
        "a device",
        form,
        metric,
        "k",
        samples,
        0,
        1,
        0,
        1,
        1,
        0,
        "{\"n\":" + samples + "}",
        "{}",
        "s@0");
  }

  @Test
  void front_mayBeOfCandidates() {
    RunStore store = store();
    store.generation(0, List.of(candidate(1), candidate(2)), "{}");
    store.front(List.of(FrontMember.candidate(1, candidate(2).figures())));
    store.front(List.of(FrontMember.candidate(0, candidate(1).figures())));
    store.report("{}");
    assertThat(store.candidates()).hasSize(2);
  }
}
