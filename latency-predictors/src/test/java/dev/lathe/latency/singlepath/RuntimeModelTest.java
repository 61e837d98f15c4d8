package dev.lathe.latency.singlepath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RuntimeModelTest {
  private static final BlockRuntimes RUNTIMES = new BlockRuntimes(2, 5, 3, 8);
  private static final double H = 1e-6;

  /**
   * Two stages: a block that stays and two that go together, one that stays and one that may go.
   */
  private static RuntimeModel model() {
    return new RuntimeModel(
        10,
        List.of(
            new RuntimeModel.Block(RUNTIMES, List.of()),
            new RuntimeModel.Block(new BlockRuntimes(1, 2, 1.5, 3), List.of(1)),
            new RuntimeModel.Block(new BlockRuntimes(1, 2.5, 1.25, 4), List.of(1, 2)),
            new RuntimeModel.Block(new BlockRuntimes(3, 5, 4, 7), List.of()),
            new RuntimeModel.Block(new BlockRuntimes(2, 4, 3, 6), List.of(4))));
  }

  @Test
  void formula_isExactForThreeFormsAndTellsHowFarItMissesTheFourth() {
    assertThat(RUNTIMES.millis(new Gates(1, 1, 1))).isCloseTo(8, within(1e-12));
    assertThat(RUNTIMES.millis(new Gates(1, 0, 1))).isCloseTo(3, within(1e-12));
    assertThat(RUNTIMES.millis(new Gates(0, 1, 1))).isCloseTo(5, within(1e-12));
    assertThat(RUNTIMES.millis(new Gates(0, 0, 1))).isCloseTo(3 * 5 / 8.0, within(1e-12));
    assertThat(RUNTIMES.deviation()).isCloseTo(15 / 16.0 - 1, within(1e-12));
  }

  @Test
  void blocksBehindASkippedOne_goToo() {
    List<Gates> gates = new ArrayList<>(java.util.Collections.nCopies(5, Gates.OPEN));
    assertThat(model().millis(gates)).isCloseTo(10 + 8 + 3 + 4 + 7 + 6, within(1e-12));
    gates.set(1, new Gates(1, 1, 0));
    assertThat(model().millis(gates)).isCloseTo(10 + 8 + 7 + 6, within(1e-12));
  }

  @Test
  void slopes_areThoseOfFiniteDifferences() {
    SplittableRandom random = new SplittableRandom(4);
    for (int trial = 0; trial < 20; trial++) {
      List<Gates> gates = new ArrayList<>();
      for (int b = 0; b < 5; b++) {
        gates.add(new Gates(random.nextDouble(), random.nextInt(2), random.nextDouble()));
      }
      List<Gates> slopes = model().slopes(gates);
      for (int b = 0; b < 5; b++) {
        Gates g = gates.get(b);
        assertThat(slopes.get(b).kernel())
            .isCloseTo(
                slope(gates, b, new Gates(g.kernel() + H, g.channels(), g.present())),
                within(1e-6));
        assertThat(slopes.get(b).channels())
            .isCloseTo(
                slope(gates, b, new Gates(g.kernel(), g.channels() + H, g.present())),
                within(1e-6));
        assertThat(slopes.get(b).present())
            .isCloseTo(
                slope(gates, b, new Gates(g.kernel(), g.channels(), g.present() + H)),
                within(1e-6));
      }
    }
  }

  private static double slope(List<Gates> gates, int block, Gates moved) {
    List<Gates> other = new ArrayList<>(gates);
    other.set(block, moved);
    return (model().millis(other) - model().millis(gates)) / H;
  }

  @Test
  void runTimeOfNothing_isRefused() {
    assertThatThrownBy(() -> new BlockRuntimes(1, 2, 0, 4)).hasMessageContaining("largeNarrow");
  }
}
