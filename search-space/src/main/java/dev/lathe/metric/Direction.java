package dev.lathe.metric;

/** Whether less or more of a metric is better. */
public enum Direction {
  MINIMIZE,
  MAXIMIZE;

  /** The value as a cost: less is better. Its own inverse. */
  public double cost(double value) {
    return this == MINIMIZE ? value : -value;
  }
}
