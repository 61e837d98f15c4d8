package dev.lathe.compress.fixed;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Integers as sums of signed powers of two, for multiplication by shifts and additions. The
 * canonical signed digits of an integer are its shortest such sum without two neighbouring digits
 * (Avizienis, 1961, doi:10.1109/TEC.1961.5219227).
 */
public final class SignedDigits {
  private SignedDigits() {}

  /**
   * One power of two.
   *
   * @param negative whether it is taken away
   * @param shift its exponent
   */
  public record Digit(boolean negative, int shift) {}

  /** The canonical signed digits of an integer, least first; none for 0. */
  public static List<Digit> of(int integer) {
    List<Digit> digits = new ArrayList<>();
    long rest = integer;
    for (int shift = 0; rest != 0; shift++, rest >>= 1) {
      if ((rest & 1) != 0) {
        // 1 where the rest is 1 modulo 4, −1 where it is 3: the next digit is then 0.
        int digit = 2 - (int) (rest & 3);
        digits.add(new Digit(digit < 0, shift));
        rest -= digit;
      }
    }
    return digits;
  }

  /**
   * The integers of at most {@code most} digits, each under every integer of the range to which it
   * is the nearest.
   *
   * @param reach largest magnitude
   * @return nearest integers of −reach … reach, in order
   */
  static int[] nearest(int reach, int most) {
    TreeMap<Integer, Integer> allowed = new TreeMap<>();
    for (int value = -reach; value <= reach; value++) {
      if (of(value).size() <= most) {
        allowed.put(value, value);
      }
    }
    int[] nearest = new int[2 * reach + 1];
    for (int value = -reach; value <= reach; value++) {
      int below = allowed.floorKey(value) == null ? allowed.firstKey() : allowed.floorKey(value);
      int above = allowed.ceilingKey(value) == null ? allowed.lastKey() : allowed.ceilingKey(value);
      nearest[value + reach] = value - below <= above - value ? below : above;
    }
    return nearest;
  }
}
