package dev.lathe.evolution.front;

import java.util.ArrayList;
import java.util.List;

/**
 * The non-dominated points of all that were added, kept up to date point by point.
 *
 * @param <T> what a point stands for
 */
public final class ParetoArchive<T> {
  /**
   * A non-dominated point.
   *
   * @param costs one an objective; not to be changed
   */
  public record Entry<T>(double[] costs, T value) {}

  private final int objectives;
  private final ParetoTree<Entry<T>> tree;

  /**
   * @param objectives the length of all cost vectors, at least 1
   */
  public ParetoArchive(int objectives) {
    this.objectives = objectives;
    this.tree = new ParetoTree<>(objectives);
  }

  /**
   * Adds a point unless one of the archive is nowhere worse, and drops those that it dominates. Of
   * equal points the first stays.
   *
   * @return whether it was added
   * @throws IllegalArgumentException if it has another number of costs, or one is NaN
   */
  public boolean add(double[] costs, T value) {
    check(costs);
    if (tree.covers(costs)) {
      return false;
    }
    tree.removeCovered(costs);
    double[] own = costs.clone();
    tree.insert(own, new Entry<>(own, value));
    return true;
  }

  /** Whether a point of the archive is nowhere worse. */
  public boolean covers(double[] costs) {
    check(costs);
    return tree.covers(costs);
  }

  private void check(double[] costs) {
    if (costs.length != objectives) {
      throw new IllegalArgumentException(
          "point has %d costs, the archive %d objectives.".formatted(costs.length, objectives));
    }
    for (double cost : costs) {
      if (Double.isNaN(cost)) {
        throw new IllegalArgumentException("a cost is NaN. Maybe leave failed evaluations out.");
      }
    }
  }

  /** The non-dominated points, in no particular order. */
  public List<Entry<T>> entries() {
    List<Entry<T>> entries = new ArrayList<>();
    tree.collect(entries);
    return entries;
  }
}
