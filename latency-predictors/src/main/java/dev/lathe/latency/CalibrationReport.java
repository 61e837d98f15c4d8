package dev.lathe.latency;

/**
 * How well a predictor does on networks that it was not fitted on.
 *
 * @param kind what the predictor is, for people
 * @param samples measurements used for the final fit
 * @param heldOut networks on which the figures were taken, each by a model that had not seen it
 * @param spearman rank correlation of prediction and measurement
 * @param kendall tau-b of prediction and measurement
 * @param mape mean of |prediction - measurement| / measurement
 * @param within10 share of networks predicted within ±10 %
 * @param coverage90 share of networks whose measurement lies in the 90 % interval
 * @param medianWidth median width of the 90 % interval as a share of the estimate
 */
public record CalibrationReport(
    String kind,
    int samples,
    int heldOut,
    double spearman,
    double kendall,
    double mape,
    double within10,
    double coverage90,
    double medianWidth) {
  /** A predictor that ranks worse than this is refused. */
  public static final double LEAST_SPEARMAN = 0.9;
}
