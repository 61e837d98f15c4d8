package dev.lathe.latency.singlepath;

/**
 * Run times of the four forms of a block, in milliseconds.
 *
 * @param smallNarrow small kernel, first part of the channels (in the paper 3×3, expansion 3)
 * @param smallWide small kernel, all channels
 * @param largeNarrow large kernel, first part of the channels
 * @param largeWide large kernel, all channels
 */
public record BlockRuntimes(
    double smallNarrow, double smallWide, double largeNarrow, double largeWide) {
  public BlockRuntimes {
    check("smallNarrow", smallNarrow);
    check("smallWide", smallWide);
    check("largeNarrow", largeNarrow);
    check("largeWide", largeWide);
  }

  private static void check(String name, double millis) {
    if (!(millis > 0 && millis < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the run time %s of a block is %s ms; it must be > 0.".formatted(name, millis));
    }
  }

  /** The share that the small kernel takes of the large one's time, with all channels. */
  double kernelRatio() {
    return smallWide / largeWide;
  }

  /**
   * The paper's formula, whether the block is present left out: (R₅,₃ + g_channels (R₅,₆ − R₅,₃)) ·
   * (ρ + (1 − ρ) g_kernel) with ρ = R₃,₆ ÷ R₅,₆.
   */
  double millis(Gates gates) {
    double ratio = kernelRatio();
    return ofChannels(gates) * (ratio + (1 - ratio) * gates.kernel());
  }

  double ofChannels(Gates gates) {
    return largeNarrow + gates.channels() * (largeWide - largeNarrow);
  }

  /**
   * By how much the formula misses the fourth form, the small kernel with the first part of the
   * channels, relative to its run time; it is exact for the three others.
   */
  public double deviation() {
    return millis(new Gates(0, 0, 1)) / smallNarrow - 1;
  }
}
