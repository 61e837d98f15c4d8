package dev.lathe.evolution.surrogate;

/** The standard normal distribution. */
final class Normal {
  private Normal() {}

  /**
   * The value below which a share {@code p} in (0, 1) lies; relative error below 4.5e-4, by formula
   * 26.2.23 of Abramowitz and Stegun: Handbook of Mathematical Functions, 1964.
   */
  static double quantile(double p) {
    double tail = Math.min(p, 1 - p);
    double t = Math.sqrt(-2 * Math.log(tail));
    double size =
        t
            - (2.515517 + t * (0.802853 + t * 0.010328))
                / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    return p == 0.5 ? 0 : p < 0.5 ? -size : size;
  }
}
