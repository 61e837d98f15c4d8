package dev.lathe.runs.stages;

/** The parts of a search, in order; {@link Course} tells which a run has. */
enum Stage {
  DATA,
  CALIBRATION,
  TRAINING,
  SEARCH,
  FINE_TUNING,
  BASELINES,
  MEASURING;

  String label() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
