package dev.lathe.compress.calibration;

import dev.lathe.compress.CalibrationData;
import java.util.Arrays;

/**
 * Inputs of known classes.
 *
 * @param labels one an item, from 0
 * @param classes how many there are
 */
public record LabelledItems(CalibrationData data, int[] labels, int classes) {
  public LabelledItems {
    if (labels.length != data.images()) {
      throw new IllegalArgumentException(
          "%d labels for %d items.".formatted(labels.length, data.images()));
    }
  }

  /** Some of the items, from {@code from} (inclusive) to {@code to} (exclusive). */
  public LabelledItems between(int from, int to) {
    return new LabelledItems(data.between(from, to), Arrays.copyOfRange(labels, from, to), classes);
  }
}
