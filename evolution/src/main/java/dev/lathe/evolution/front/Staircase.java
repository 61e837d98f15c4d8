package dev.lathe.evolution.front;

import java.util.Arrays;

/** Minima of points in the plane, by rising first and falling second coordinate. */
final class Staircase {
  private double[] first = new double[4];
  private double[] second = new double[4];
  private int size;

  /** Whether a point of the staircase is nowhere worse than (x, y). */
  boolean covers(double x, double y) {
    int place = lastNotAbove(x);
    return place >= 0 && second[place] <= y;
  }

  /** Adds a point that is not covered, and drops those that it covers. */
  void add(double x, double y) {
    int from = lastNotAbove(x) + 1;
    if (from > 0 && first[from - 1] == x) {
      from--;
    }
    int to = from;
    while (to < size && second[to] >= y) {
      to++;
    }
    if (to == from) {
      if (size == first.length) {
        first = Arrays.copyOf(first, 2 * size);
        second = Arrays.copyOf(second, 2 * size);
      }
      System.arraycopy(first, from, first, from + 1, size - from);
      System.arraycopy(second, from, second, from + 1, size - from);
      size++;
    } else if (to > from + 1) {
      System.arraycopy(first, to, first, from + 1, size - to);
      System.arraycopy(second, to, second, from + 1, size - to);
      size -= to - from - 1;
    }
    first[from] = x;
    second[from] = y;
  }

  /** The area, up to the reference (a, b), that a point which is not covered would add. */
  double gain(double x, double y, double a, double b) {
    int place = lastNotAbove(x);
    double gain = 0;
    double from = x;
    double height = place >= 0 ? second[place] : b;
    for (int i = place + 1; height > y; i++) {
      double to = i < size ? first[i] : a;
      gain += (to - from) * (height - y);
      if (i >= size) {
        break;
      }
      from = to;
      height = second[i];
    }
    return gain;
  }

  private int lastNotAbove(double x) {
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (first[middle] <= x) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }
}
