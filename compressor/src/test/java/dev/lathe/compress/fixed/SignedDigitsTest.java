package dev.lathe.compress.fixed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SignedDigitsTest {
  private static long value(List<SignedDigits.Digit> digits) {
    return digits.stream()
        .mapToLong(d -> d.negative() ? -(1L << d.shift()) : 1L << d.shift())
        .sum();
  }

  @Test
  void canonicalDigits_addUpAndHaveNoNeighbours() {
    for (int integer = -1000; integer <= 1000; integer++) {
      List<SignedDigits.Digit> digits = SignedDigits.of(integer);
      assertThat(value(digits)).isEqualTo(integer);
      for (int i = 1; i < digits.size(); i++) {
        assertThat(digits.get(i).shift()).isGreaterThan(digits.get(i - 1).shift() + 1);
      }
    }
  }

  /** Against all sums of one, two and three signed powers. */
  @Test
  void canonicalDigits_areTheFewest() {
    List<Integer> powers = new ArrayList<>();
    for (int shift = 0; shift <= 9; shift++) {
      powers.add(1 << shift);
      powers.add(-(1 << shift));
    }
    int[] fewest = new int[256];
    Arrays.fill(fewest, 4);
    for (int a : powers) {
      note(fewest, a, 1);
      for (int b : powers) {
        note(fewest, a + b, 2);
        powers.forEach(c -> note(fewest, a + b + c, 3));
      }
    }
    fewest[0] = 0;
    for (int integer = 0; integer < 256; integer++) {
      int digits = SignedDigits.of(integer).size();
      assertThat(Math.min(4, digits)).isEqualTo(fewest[integer]);
    }
  }

  private static void note(int[] fewest, int sum, int digits) {
    if (sum >= 0 && sum < fewest.length) {
      fewest[sum] = Math.min(fewest[sum], digits);
    }
  }

  @Test
  void nearestOfFewDigits_isTheNearest() {
    int[] nearest = SignedDigits.nearest(127, 2);
    for (int integer = -127; integer <= 127; integer++) {
      int found = nearest[integer + 127];
      assertThat(SignedDigits.of(found).size()).isLessThanOrEqualTo(2);
      for (int other = -127; other <= 127; other++) {
        if (SignedDigits.of(other).size() <= 2) {
          assertThat(Math.abs(integer - found)).isLessThanOrEqualTo(Math.abs(integer - other));
        }
      }
    }
    assertThat(SignedDigits.nearest(127, 1)[127 + 93]).isEqualTo(64);
  }
}
