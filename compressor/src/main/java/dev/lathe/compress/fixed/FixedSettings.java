package dev.lathe.compress.fixed;

/**
 * How a network is brought to fixed point.
 *
 * @param activationBits 8 or 16
 * @param weightBits 2 to 8
 * @param hot the most signed powers of two that a weight is the sum of, 1 to 4; 0 for any integers
 * @param images the most items of the calibration data that are used
 */
public record FixedSettings(int activationBits, int weightBits, int hot, int images) {
  public FixedSettings {
    if (activationBits != 8 && activationBits != 16) {
      throw new IllegalArgumentException(
          "activationBits must be 8 or 16, not %d.".formatted(activationBits));
    }
    if (weightBits < 2 || weightBits > 8 || hot < 0 || hot > 4 || images < 1) {
      throw new IllegalArgumentException(
          "weightBits must be 2 to 8, hot 0 to 4 and images at least 1, not %d, %d and %d."
              .formatted(weightBits, hot, images));
    }
  }
}
