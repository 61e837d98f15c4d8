package dev.lathe.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.family.SpaceFiles;
import java.util.List;
import org.junit.jupiter.api.Test;

class MacsSpreadTest {
  @Test
  void draw_coversTheRangeEvenly() {
    NetworkSpace space = SpaceFiles.builtin("mobile-28").space(10);
    List<Architecture> drawn = MacsSpread.draw(space, 30, new RandomStreams(1).at("x", 0));
    assertThat(drawn).hasSize(30).doesNotHaveDuplicates();
    assertThat(drawn).contains(space.smallest(), space.largest());
    double[] logs =
        drawn.stream().mapToDouble(a -> Math.log(MacsSpread.macs(space, a))).sorted().toArray();
    double range = logs[29] - logs[0];
    for (int i = 1; i < 30; i++) {
      assertThat(logs[i] - logs[i - 1]).isLessThan(range / 6);
    }
  }
}
