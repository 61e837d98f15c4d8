package dev.lathe.bench.payoff;

import dev.lathe.bench.LocalDevice;
import dev.lathe.data.Progress;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Measures files in turns, round after round, until enough rounds met a quiet machine: one whose
 * sentinel, a fixed network measured before and after, took at most 10 % longer than at its best.
 */
final class MeasuringInTurns {
  private static final int WANTED = 5;
  private static final int MOST_ROUNDS = 12;
  private static final double QUIET = 1.1;

  private MeasuringInTurns() {}

  /** What one file took in one round. */
  record Turn(double p50, double sentinel) {}

  /**
   * The latencies of files.
   *
   * @param p50 one a file, the median of its quiet rounds (of all where none was quiet); empty for
   *     a file that could not be measured
   * @param rounds that were made
   * @param quietShare of all measurements
   * @param quiet whether every file that can be measured has as many quiet rounds as are wanted
   */
  record Latencies(List<OptionalDouble> p50, int rounds, double quietShare, boolean quiet) {}

  static Latencies of(List<Path> files, LocalDevice device, Progress progress) {
    List<List<Turn>> turns = new ArrayList<>();
    files.forEach(_ -> turns.add(new ArrayList<>()));
    int rounds = 0;
    while (rounds < WANTED || (rounds < MOST_ROUNDS && !latencies(turns, rounds).quiet())) {
      progress.at(
          Math.min(1, (double) rounds / WANTED),
          "%d files, round %d".formatted(files.size(), rounds + 1));
      List<Outcome> outcomes = device.measure(files);
      for (int i = 0; i < files.size(); i++) {
        if (outcomes.get(i) instanceof Outcome.Measured(Measurement found)) {
          double sentinel = Math.max(found.sentinelBeforeMillis(), found.sentinelAfterMillis());
          turns.get(i).add(new Turn(found.p50(), sentinel));
        }
      }
      rounds++;
    }
    return latencies(turns, rounds);
  }

  /**
   * What rounds tell.
   *
   * @param turns of each file, none where it could not be measured
   */
  static Latencies latencies(List<List<Turn>> turns, int rounds) {
    double best = turns.stream().flatMap(List::stream).mapToDouble(Turn::sentinel).min().orElse(0);
    List<OptionalDouble> p50 = new ArrayList<>();
    long quiet = 0;
    boolean enough = true;
    for (List<Turn> file : turns) {
      List<Turn> calm = file.stream().filter(turn -> turn.sentinel() <= QUIET * best).toList();
      quiet += calm.size();
      enough &= file.isEmpty() || calm.size() >= WANTED;
      p50.add(median(calm.isEmpty() ? file : calm));
    }
    long all = turns.stream().mapToLong(List::size).sum();
    return new Latencies(p50, rounds, all == 0 ? 0 : (double) quiet / all, enough);
  }

  private static OptionalDouble median(List<Turn> turns) {
    double[] sorted = turns.stream().mapToDouble(Turn::p50).sorted().toArray();
    return sorted.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2);
  }
}
