package dev.lathe.farm.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.farm.lease.FarmSimulation.Recording;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FarmSimulationTest {
  private static final int SEEDS = Boolean.getBoolean("lathe.test.all") ? 10_000 : 2_000;

  @Test
  void everyHistory_recordsEachJobOnce() {
    int stale = 0;
    int duplicates = 0;
    int conflicts = 0;
    int expired = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      FarmSimulation farm = new FarmSimulation(seed, true);
      assertThat(violation(farm, farm.run())).as("seed %d", seed).isEmpty();
      stale += farm.staleRefused;
      duplicates += farm.duplicates;
      conflicts += farm.conflicts;
      expired += farm.expired;
    }
    System.out.printf(
        "%d histories: %d leases ran out, %d stale results refused, %d doubles answered, %d conflicts refused%n",
        SEEDS, expired, stale, duplicates, conflicts);
    assertThat(List.of(stale, duplicates, conflicts, expired))
        .allMatch(count -> count > SEEDS / 20);
  }

  @Test
  void aServiceThatWritesWithoutComparing_isCaught() {
    int caught = 0;
    for (long seed = 0; seed < 300; seed++) {
      FarmSimulation farm = new FarmSimulation(seed, false);
      if (violation(farm, farm.run()).isPresent()) {
        caught++;
      }
    }
    assertThat(caught).isPositive();
  }

  /** What is wrong with a history, if anything. */
  private static Optional<String> violation(FarmSimulation farm, List<Recording> recordings) {
    if (!farm.allDone()) {
      return Optional.of("jobs never ended: " + farm.jobs());
    }
    Map<String, List<Recording>> byJob =
        recordings.stream().collect(Collectors.groupingBy(Recording::jobId));
    Set<String> hashes = new HashSet<>();
    recordings.forEach(recording -> hashes.add(recording.jobId() + " " + recording.sha256()));
    for (Job job : farm.jobs().values()) {
      List<Recording> of = byJob.getOrDefault(job.id(), List.of());
      if (of.stream().filter(Recording::measured).count() != 1) {
        return Optional.of("%s has not one measurement: %s".formatted(job, of));
      }
      if (!of.getLast().measured() || of.getLast().attempt() != job.attempts()) {
        return Optional.of("%s ended with another attempt's result: %s".formatted(job, of));
      }
      for (int i = 1; i < of.size(); i++) {
        if (of.get(i).attempt() <= of.get(i - 1).attempt()) {
          return Optional.of("%s recorded attempts out of order: %s".formatted(job, of));
        }
      }
    }
    return farm.acknowledged().keySet().stream()
        .filter(acknowledged -> !hashes.contains(acknowledged))
        .findFirst()
        .map(lost -> "acknowledged, but not recorded: " + lost);
  }
}
