package dev.lathe.compress.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class QuadOrderTest {
  @Test
  void fourImportantChannelsInOneQuad_areSpreadOverTwo() {
    double[][] importance = {{9, 8, 7, 6, 0, 0, 0, 0}, {5, 6, 7, 8, 1, 0, 1, 0}};
    int[] order = QuadOrder.of(importance, new SplittableRandom(1));
    assertThat(Arrays.stream(order).sorted().toArray()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(QuadOrder.kept(importance, IntStream.range(0, 8).toArray()))
        .isCloseTo(17 + 15 + 2, within(1e-12));
    assertThat(QuadOrder.kept(importance, order)).isCloseTo(30 + 26, within(1e-12));
  }

  @Test
  void order_neverKeepsLessAndKeepsMoreOfUnevenChannels() {
    SplittableRandom random = new SplittableRandom(4);
    double[][] importance = new double[100][64];
    for (double[] row : importance) {
      for (int c = 0; c < 64; c++) {
        row[c] = Math.abs(random.nextGaussian()) * (c < 16 ? 5 : 1);
      }
    }
    int[] identity = IntStream.range(0, 64).toArray();
    int[] order = QuadOrder.of(importance, random);
    assertThat(QuadOrder.kept(importance, order))
        .isGreaterThan(1.1 * QuadOrder.kept(importance, identity));
  }

  @Test
  void channelsThatDoNotFillTheLastQuad_areAllInTheOrder() {
    int[] order =
        QuadOrder.of(new double[][] {{1, 2, 3, 4, 5, 6, 7, 8, 9, 1}}, new SplittableRandom(2));
    assertThat(Arrays.stream(order).sorted().toArray()).isEqualTo(IntStream.range(0, 10).toArray());
  }
}
