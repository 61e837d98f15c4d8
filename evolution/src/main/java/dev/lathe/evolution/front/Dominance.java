package dev.lathe.evolution.front;

/** Pareto dominance of cost vectors. */
public final class Dominance {
  private Dominance() {}

  /** Whether {@code first} is nowhere worse and somewhere better than {@code second}. */
  public static boolean dominates(double[] first, double[] second) {
    boolean better = false;
    for (int i = 0; i < first.length; i++) {
      if (first[i] > second[i]) {
        return false;
      }
      better |= first[i] < second[i];
    }
    return better;
  }

  /** Whether {@code first} is nowhere worse than {@code second}. */
  public static boolean covers(double[] first, double[] second) {
    for (int i = 0; i < first.length; i++) {
      if (first[i] > second[i]) {
        return false;
      }
    }
    return true;
  }
}
