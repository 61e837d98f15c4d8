package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.metric.Figure;
import dev.lathe.metric.Metric;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class SelectionTest {
  private static final String LATENCY = "latency@here";

  private static CandidateRecord network(int number, double accuracy, double millis) {
    return new CandidateRecord(
        Architecture.of(number),
        Map.of(),
        CandidateRecord.Status.OK,
        Map.of(LATENCY, Figure.measured(Metric.of(LATENCY), millis)),
        List.of(-accuracy, millis),
        Optional.empty(),
        OptionalDouble.empty());
  }

  private static List<Integer> numbers(List<CandidateRecord> chosen) {
    return chosen.stream().map(candidate -> candidate.architecture().choice(0)).toList();
  }

  @Test
  void covering_spendsNoMemberOnWhatIsHardlyBetterThanAQuickerOne() {
    List<CandidateRecord> front =
        List.of(
            network(0, 0.940, 0.010),
            network(1, 0.941, 0.014),
            network(2, 0.942, 0.020),
            network(3, 0.980, 0.030),
            network(4, 0.990, 0.060));

    assertThat(numbers(Selection.covering(front, LATENCY, 3))).containsExactly(0, 3, 4);
  }

  @Test
  void covering_takesAFrontThatIsNoLargerWhole_inTheOrderOfTheMetric() {
    List<CandidateRecord> front = List.of(network(0, 0.9, 0.03), network(1, 0.8, 0.01));

    assertThat(numbers(Selection.covering(front, LATENCY, 5))).containsExactly(1, 0);
    assertThat(Selection.covering(List.of(), LATENCY, 5)).isEmpty();
  }

  @Test
  void covering_ofALineOnTheLogScale_spreadsFromEndToEnd() {
    List<CandidateRecord> front = new ArrayList<>();
    for (int i = 0; i <= 40; i++) {
      front.add(network(i, 1 - 0.5 * Math.pow(0.93, i), 0.01 * Math.pow(1.1, i)));
    }

    List<Integer> chosen = numbers(Selection.covering(front, LATENCY, 5));

    assertThat(chosen.getFirst()).isLessThanOrEqualTo(9);
    assertThat(chosen.getLast()).isGreaterThanOrEqualTo(31);
    for (int i = 1; i < chosen.size(); i++) {
      assertThat(chosen.get(i) - chosen.get(i - 1)).isBetween(4, 16);
    }
  }

  @Test
  void covering_doesNotDependOnTheUnit() {
    List<CandidateRecord> millis = new ArrayList<>();
    List<CandidateRecord> micros = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      double accuracy = 0.9 + 0.005 * Math.sqrt(i);
      millis.add(network(i, accuracy, 0.1 + 0.02 * i));
      micros.add(network(i, accuracy, 100 + 20 * i));
    }

    assertThat(numbers(Selection.covering(millis, LATENCY, 4)))
        .isEqualTo(numbers(Selection.covering(micros, LATENCY, 4)));
  }
}
