package dev.lathe.runs.stages;

/**
 * The parts of a search, in order.
 *
 * <p>{@code from} and {@code to} place a stage within the progress of the whole: shares of a run of
 * a few minutes, as measured.
 */
enum Stage {
  DATA(0, 0.03),
  CALIBRATION(0.03, 0.09),
  TRAINING(0.09, 0.46),
  SEARCH(0.46, 0.54),
  FINE_TUNING(0.54, 0.69),
  BASELINES(0.69, 0.95),
  MEASURING(0.95, 1);

  private final double from;
  private final double to;

  Stage(double from, double to) {
    this.from = from;
    this.to = to;
  }

  /** Where the whole stands when this stage has done a fraction of its work. */
  double overall(double fraction) {
    return from + (to - from) * Math.clamp(fraction, 0, 1);
  }

  String label() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
