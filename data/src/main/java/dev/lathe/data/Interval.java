package dev.lathe.data;

/**
 * Where a share that was estimated from few images really lies, with 95 % confidence.
 *
 * @param lower end, in [0, 1]
 * @param upper end, in [0, 1]
 */
public record Interval(double lower, double upper) {
  private static final double Z = 1.959964;

  /**
   * Wilson's score interval of a share (E. B. Wilson, 1927, doi:10.1080/01621459.1927.10502953).
   *
   * @param share that was right, in [0, 1]
   * @param images of how many
   */
  public static Interval wilson(double share, int images) {
    if (images < 1) {
      return new Interval(0, 1);
    }
    double z2 = Z * Z / images;
    double centre = (share + z2 / 2) / (1 + z2);
    double half = Z / (1 + z2) * Math.sqrt(share * (1 - share) / images + z2 / (4 * images));
    return new Interval(Math.max(0, centre - half), Math.min(1, centre + half));
  }

  /**
   * Of the mean of several classes' shares: each class' share within the variance is that of two
   * more successes and failures (Agresti and Coull, 1998, doi:10.1080/00031305.1998.10480550),
   * which a class without an error needs.
   *
   * @param right of each class
   * @param seen of each class; classes that were not seen do not count
   */
  public static Interval balanced(int[] right, int[] seen) {
    double mean = 0;
    double variance = 0;
    int classes = 0;
    for (int c = 0; c < seen.length; c++) {
      if (seen[c] > 0) {
        double share = (right[c] + 2.0) / (seen[c] + 4.0);
        variance += share * (1 - share) / seen[c];
        mean += (double) right[c] / seen[c];
        classes++;
      }
    }
    if (classes == 0) {
      return new Interval(0, 1);
    }
    double half = Z * Math.sqrt(variance) / classes;
    mean /= classes;
    return new Interval(Math.max(0, mean - half), Math.min(1, mean + half));
  }

  /** Half of the distance between the ends. */
  public double half() {
    return (upper - lower) / 2;
  }
}
