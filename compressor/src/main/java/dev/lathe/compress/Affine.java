package dev.lathe.compress;

/**
 * Affine quantization: real = scale · (quantized − zeroPoint), arXiv:1712.05877.
 *
 * @param scale positive, a normal single-precision number
 * @param zeroPoint the quantized value of 0
 * @param least least quantized value
 * @param greatest greatest quantized value
 */
public record Affine(float scale, int zeroPoint, int least, int greatest) {
  /** Unsigned 8-bit quantization of [min, max], widened to hold 0 exactly. */
  public static Affine unsigned8(double min, double max) {
    return unsigned(8, min, max);
  }

  /** Unsigned quantization of [min, max] at 8 or 16 bits, widened to hold 0 exactly. */
  public static Affine unsigned(int bits, double min, double max) {
    return of(Math.min(min, 0), Math.max(max, 0), 0, (1 << bits) - 1);
  }

  /** Symmetric signed quantization of [−limit, limit] to −levels … levels. */
  public static Affine symmetric(double limit, int levels) {
    float scale = (float) (limit / levels);
    return new Affine(scale < Float.MIN_NORMAL ? 1 : scale, 0, -levels, levels);
  }

  private static Affine of(double min, double max, int least, int greatest) {
    double scale = (max - min) / (greatest - least);
    if ((float) scale < Float.MIN_NORMAL) {
      return new Affine(1, least, least, greatest);
    }
    int zeroPoint = (int) Math.clamp(Math.rint(least - min / scale), least, greatest);
    return new Affine((float) scale, zeroPoint, least, greatest);
  }

  /** The quantized value of {@code real}: rounded half to even, clamped. */
  public int quantize(double real) {
    return (int) Math.clamp(Math.rint(real / scale) + zeroPoint, least, greatest);
  }

  /** The real value of {@code quantized}. */
  public double dequantize(int quantized) {
    return (double) scale * (quantized - zeroPoint);
  }

  /** {@code real} as it is after quantization. */
  public double round(double real) {
    return dequantize(quantize(real));
  }

  /** The least real value that can be represented. */
  public double min() {
    return dequantize(least);
  }

  /** The greatest real value that can be represented. */
  public double max() {
    return dequantize(greatest);
  }
}
