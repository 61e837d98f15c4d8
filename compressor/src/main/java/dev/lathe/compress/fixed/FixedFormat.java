package dev.lathe.compress.fixed;

import dev.lathe.compress.Affine;

/**
 * A fixed-point format: an integer q of {@code width} bits stands for q · 2^−fraction. Rounding is
 * to the nearest, halves to even, and values out of range saturate: {@code ap_fixed} with
 * AP_RND_CONV and AP_SAT (Bai et al.: QFX, 2024, arXiv:2401.17544).
 *
 * @param width bits, 2 to 31
 * @param fraction bits after the binary point; may be negative or larger than the width
 * @param signed whether there are negative values
 */
public record FixedFormat(int width, int fraction, boolean signed) {
  public FixedFormat {
    if (width < 2 || width > 31) {
      throw new IllegalArgumentException("width must be 2 to 31, not %d.".formatted(width));
    }
  }

  /**
   * Bits after the binary point of numbers that are all 0: enough for the biases that are added to
   * their products, and far from what 32 bits can hold.
   */
  static final int FRACTION_OF_ZEROS = 10;

  /** The least integer. */
  public int least() {
    return signed ? -(1 << width - 1) : 0;
  }

  /** The greatest integer. */
  public int greatest() {
    return signed ? (1 << width - 1) - 1 : (int) ((1L << width) - 1);
  }

  /** What an integer of 1 stands for. */
  public double step() {
    return Math.scalb(1.0, -fraction);
  }

  /** The integer of a real number. */
  public int quantize(double real) {
    return saturate((long) Math.rint(Math.scalb(real, fraction)));
  }

  /** The nearest integer in range. */
  public int saturate(long integer) {
    return (int) Math.clamp(integer, least(), greatest());
  }

  /** The same with another binary point. */
  public FixedFormat withFraction(int bits) {
    return new FixedFormat(width, bits, signed);
  }

  /** As affine quantization. */
  public Affine affine() {
    return new Affine((float) step(), 0, least(), greatest());
  }
}
