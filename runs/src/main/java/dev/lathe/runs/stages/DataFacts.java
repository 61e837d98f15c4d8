package dev.lathe.runs.stages;

import dev.lathe.data.Accuracy;
import dev.lathe.data.ClassBalance;
import dev.lathe.data.DataSet;

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

  static boolean uneven(DataSet data) {
    return ClassBalance.uneven(data.train(), data.classes().size());
  }
}
