package dev.lathe.compress;

/** Signal-to-noise ratios. */
public final class Decibels {
  private Decibels() {}

  /** 10 log10(signal / noise), both as sums of squares; infinite without noise. */
  public static double ratio(double signal, double noise) {
    return noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
  }

  /** The ratio of {@code wanted} to its difference from {@code found}. */
  public static double between(float[] wanted, float[] found) {
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < wanted.length; i++) {
      double difference = (double) wanted[i] - found[i];
      signal += (double) wanted[i] * wanted[i];
      noise += difference * difference;
    }
    return ratio(signal, noise);
  }
}
