package dev.lathe.bench.payoff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.bench.payoff.MeasuringInTurns.Latencies;
import dev.lathe.bench.payoff.MeasuringInTurns.Turn;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeasuringInTurnsTest {
  @Test
  void disturbedRounds_areLeftOut() {
    List<Turn> file = List.of(new Turn(1, 10), new Turn(5, 15), new Turn(2, 10.5), new Turn(9, 20));
    Latencies found = MeasuringInTurns.latencies(List.of(file), 4);
    assertThat(found.p50().getFirst()).hasValue(1.5);
    assertThat(found.quietShare()).isEqualTo(0.5);
    assertThat(found.quiet()).isFalse();
  }

  @Test
  void fiveQuietRounds_areEnough_andAFileThatCannotBeMeasuredIsNotWaitedFor() {
    List<Turn> file = Collections.nCopies(5, new Turn(3, 10));
    Latencies found = MeasuringInTurns.latencies(List.of(file, List.of()), 5);
    assertThat(found.quiet()).isTrue();
    assertThat(found.p50().getFirst()).hasValue(3);
    assertThat(found.p50().getLast()).isEmpty();
  }

  @Test
  void aFileWithoutAQuietRound_hasTheMedianOfAll() {
    Latencies found =
        MeasuringInTurns.latencies(
            List.of(List.of(new Turn(1, 10)), List.of(new Turn(4, 20), new Turn(6, 30))), 2);
    assertThat(found.p50().getLast()).hasValue(5);
  }
}
