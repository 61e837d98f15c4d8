package dev.lathe.runs.stages;

/**
 * What a transfer has time for, decided once, before the first network is trained.
 *
 * @param folds whether networks are judged by folds; else by the validation images
 * @param whole whether the whole backbone is trained; else a linear classifier on it stands alone
 * @param cuts so many are trained
 */
record TransferPlan(boolean folds, boolean whole, int cuts) {
  /** The fact that holds it. */
  static final String FACT = "transfer.plan";

  /** Fewer steps teach the last layer and hardly anything else. */
  static final long LEAST_STEPS = 60;

  /**
   * Drops folds first, then cuts, and the whole backbone last of all but one cut.
   *
   * @param left seconds for all trainings
   * @param one seconds of the shortest training of the whole backbone that is of use
   * @param few whether images are so few that folds are wanted
   * @param cuts so many are wanted
   */
  static TransferPlan of(double left, double one, boolean few, int cuts) {
    double trainings = left / one;
    boolean folds = few && trainings >= 2 * CrossValidation.trainings();
    double networks = folds ? trainings / CrossValidation.trainings() : trainings;
    boolean whole = networks >= 2;
    return new TransferPlan(
        folds, whole, Math.clamp((int) networks - (whole ? 1 : 0), Math.min(1, cuts), cuts));
  }
}
