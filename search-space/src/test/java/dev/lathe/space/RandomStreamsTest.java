package dev.lathe.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomStreamsTest {
  @Test
  void sameSeedStreamAndStep_giveTheSameNumbers() {
    assertThat(new RandomStreams(7).at("a", 3).nextLong())
        .isEqualTo(new RandomStreams(7).at("a", 3).nextLong());
  }

  @Test
  void otherSeedStreamOrStep_givesOtherNumbers() {
    Set<Long> firsts = new HashSet<>();
    for (long seed = 0; seed < 10; seed++) {
      for (String stream : new String[] {"a", "b", "ab", "ba"}) {
        for (long step = 0; step < 100; step++) {
          firsts.add(new RandomStreams(seed).at(stream, step).nextLong());
        }
      }
    }
    assertThat(firsts).hasSize(10 * 4 * 100);
  }

  @Test
  void firstNumbersOfManySteps_areUniform() {
    RandomStreams streams = new RandomStreams(1);
    int[] counts = new int[10];
    for (long step = 0; step < 10_000; step++) {
      counts[streams.at("x", step).nextInt(10)]++;
    }
    for (int count : counts) {
      // 1000 expected, standard deviation 30
      assertThat(count).isBetween(850, 1150);
    }
  }
}
