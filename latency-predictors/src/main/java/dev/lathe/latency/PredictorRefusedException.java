package dev.lathe.latency;

/** A predictor ranks networks that it has not seen too badly to be used in a search. */
public final class PredictorRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient CalibrationReport report;

  PredictorRefusedException(CalibrationReport report) {
    super(
        "the latency predictor is refused: on %d held-out networks its rank correlation (Spearman) is %.3f, below %.2f (mean error %.1f %%, %d samples). Maybe the device was busy while it measured, or the sampled networks differ too little in latency: measure again on a quiet machine, or measure more networks."
            .formatted(
                report.heldOut(),
                report.spearman(),
                CalibrationReport.LEAST_SPEARMAN,
                100 * report.mape(),
                report.samples()));
    this.report = report;
  }

  /** The figures for which it was refused. */
  public CalibrationReport report() {
    return report;
  }
}
