package dev.lathe.latency.regression;

/**
 * How far predictions agree with measurements.
 *
 * @param spearman rank correlation with mean ranks for ties; NaN where one side is constant
 * @param kendall tau-b; NaN where one side is constant
 * @param mape mean of |prediction - measurement| / |measurement| where the measurement is not 0
 * @param within10 share of predictions within ±10 % of the measurement
 * @param maxError largest |prediction - measurement|
 */
public record Agreement(
    double spearman, double kendall, double mape, double within10, double maxError) {
  /**
   * Compares predictions with measurements of the same length.
   *
   * @throws IllegalArgumentException if the lengths differ or are 0
   */
  public static Agreement of(double[] predicted, double[] measured) {
    if (predicted.length != measured.length || predicted.length == 0) {
      throw new IllegalArgumentException(
          "%d predictions for %d measurements.".formatted(predicted.length, measured.length));
    }
    double error = 0;
    double largest = 0;
    int within = 0;
    int relatives = 0;
    for (int i = 0; i < predicted.length; i++) {
      double absolute = Math.abs(predicted[i] - measured[i]);
      if (measured[i] != 0) {
        error += absolute / Math.abs(measured[i]);
        relatives++;
      }
      within += absolute <= 0.1 * Math.abs(measured[i]) ? 1 : 0;
      largest = Math.max(largest, absolute);
    }
    return new Agreement(
        RankCorrelation.spearman(predicted, measured),
        RankCorrelation.kendall(predicted, measured),
        relatives == 0 ? Double.NaN : error / relatives,
        (double) within / predicted.length,
        largest);
  }
}
