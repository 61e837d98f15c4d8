package dev.lathe.supernet.singlepath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.data.Augmentation;
import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.Forward;
import dev.lathe.supernet.TinyTask;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SinglePathSearchTest {
  private static final Workers WORKERS = new Workers(2);
  private static final RandomStreams STREAMS = new RandomStreams(6);
  private static final Superkernels KERNELS = TinySearch.kernels();
  private static final DataSet DATA = TinyTask.data();

  @TempDir Path folder;

  @AfterAll
  static void stop() {
    WORKERS.close();
  }

  private static double millis(Architecture architecture) {
    return 1e-4 * MacsSpread.macs(KERNELS.space(), architecture);
  }

  private static final double LARGEST = millis(KERNELS.space().largest());
  private static final double SMALLEST = millis(KERNELS.space().smallest());

  private static WeightStore weights() {
    return WeightStore.initialised(KERNELS.specs(), STREAMS.at("weights", 0));
  }

  private static SinglePathSearch search(long steps) {
    return new SinglePathSearch(
        KERNELS,
        SuperkernelRuntimes.of(KERNELS, SinglePathSearchTest::millis),
        SinglePathSearchTest::millis,
        TrainingSettings.of(steps, Augmentation.none()).withBatch(16),
        0.3,
        0.6,
        0.2);
  }

  private SinglePathSearch.Found find(
      WeightStore store, double target, long steps, String name, Progress progress)
      throws IOException {
    return search(steps)
        .run(
            store,
            target,
            DATA,
            STREAMS,
            WORKERS,
            folder.resolve(name + ".warm"),
            folder.resolve(name),
            progress);
  }

  @Test
  void price_closesGatesUntilTheTargetIsMet() throws IOException {
    double target = SMALLEST + 0.4 * (LARGEST - SMALLEST);
    try (WeightStore store = weights()) {
      SinglePathSearch.Found found = find(store, target, 150, "a", Progress.none());
      assertThat(found.millis())
          .isLessThanOrEqualTo(target)
          .isCloseTo(target, within(0.15 * target));
      // what the gates say themselves, before rounding
      assertThat(found.learntMillis()).isLessThan(SMALLEST + 0.8 * (LARGEST - SMALLEST));
      assertThat(found.millis()).isCloseTo(millis(found.architecture()), within(1e-12));
    }
  }

  @Test
  void roomyTarget_leavesTheLargestNetwork() throws IOException {
    try (WeightStore store = weights()) {
      SinglePathSearch.Found found = find(store, 2 * LARGEST, 20, "a", Progress.none());
      assertThat(found.architecture()).isEqualTo(KERNELS.space().largest());
    }
  }

  @Test
  void targetBelowTheSmallestNetwork_isRefusedBeforeAnyTraining() {
    try (WeightStore store = weights()) {
      assertThatThrownBy(() -> find(store, 0.9 * SMALLEST, 1_000_000, "a", Progress.none()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("%.4f ms".formatted(SMALLEST));
    }
  }

  @Test
  void searchThatWasKilled_goesOnToTheSameResult() throws IOException {
    double target = (SMALLEST + LARGEST) / 2;
    SinglePathSearch.Found unbroken;
    float[] logits;
    try (WeightStore store = weights()) {
      unbroken = find(store, target, 40, "unbroken", Progress.none());
      logits = Forward.logits(store, KERNELS.space().subnet(unbroken.architecture()), 3);
    }
    for (long kill : new long[] {7, 23, 39}) {
      String name = "killed-" + kill;
      stopAt(kill, target, folder.resolve(name));
      assertThat(Files.exists(folder.resolve(name))).isTrue();
      try (WeightStore store =
          WeightStore.initialised(KERNELS.specs(), STREAMS.at("other weights", 0))) {
        SinglePathSearch.Found found = find(store, target, 40, name, Progress.none());
        assertThat(found.architecture()).isEqualTo(unbroken.architecture());
        assertThat(found.lambda()).isEqualTo(unbroken.lambda());
        assertThat(Forward.logits(store, KERNELS.space().subnet(found.architecture()), 3))
            .isEqualTo(logits);
      }
    }
  }

  /** The first steps of a search as {@link SinglePathSearch#run} does them, and a checkpoint. */
  private static void stopAt(long step, double target, Path checkpoint) throws IOException {
    SinglePathSearch search = search(40);
    try (WeightStore store = weights();
        Trainer trainer = search.trainer(store, target, DATA, STREAMS, WORKERS)) {
      while (trainer.step() < step) {
        trainer.advance();
      }
      trainer.save(checkpoint);
    }
  }

  @Test
  void rounding_closesTheCheapestGatesAndFillsTheRoomThatIsLeft() {
    double[] margins = new double[KERNELS.positions().size()];
    Arrays.fill(margins, 1);
    double[] costs = margins.clone();
    double target = SMALLEST + 0.6 * (LARGEST - SMALLEST);
    Rounding rounding = new Rounding(KERNELS, costs, SinglePathSearchTest::millis, target);
    Architecture met = rounding.of(margins);
    assertThat(millis(met)).isLessThanOrEqualTo(target);
    Arrays.fill(margins, -1);
    Architecture filled = rounding.of(margins);
    assertThat(millis(filled)).isBetween(SMALLEST, target);
    assertThat(filled).isNotEqualTo(KERNELS.space().smallest());
  }
}
