package dev.lathe.runs.stages;

import dev.lathe.data.Accuracy;
import dev.lathe.data.ClassBalance;
import dev.lathe.data.DataSet;
import dev.lathe.data.LabelledImages;

/** What follows from the make-up of a data set. */
final class DataFacts {
  private DataFacts() {}

  /**
   * The accuracy that counts: top-1, or the mean over classes where the largest class has more than
   * 1.5 times the images of the smallest.
   */
  static double headline(DataSet data, Accuracy accuracy) {
    return uneven(data) ? accuracy.balanced() : accuracy.top1();
  }

  /** Whether training sees each class equally often, however many images it has. */
  static boolean balances(DataSet data, Settings settings) {
    return settings.balanceClasses().orElseGet(() -> uneven(data));
  }

  /** What networks are trained on, and what their batch norms are estimated on. */
  static LabelledImages lessons(DataSet data, Settings settings) {
    return balances(data, settings)
        ? ClassBalance.balanced(data.train(), data.classes().size())
        : data.train();
  }

  static boolean uneven(DataSet data) {
    return ClassBalance.uneven(data.train(), data.classes().size());
  }
}
