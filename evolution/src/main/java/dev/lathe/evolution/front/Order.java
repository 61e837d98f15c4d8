package dev.lathe.evolution.front;

import java.util.Arrays;

/** Sorted orders of numbers and points. */
final class Order {
  private Order() {}

  /** Indices that sort the keys upwards; equal keys keep their order. No key may be NaN. */
  static int[] ascending(double[] keys) {
    int n = keys.length;
    // The bits of a double, made to sort as a signed long, leave no room for the index: sort the
    // pairs by merging, on plain arrays.
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    if (n < 48) {
      insertion(order, keys);
      return order;
    }
    return merge(order, keys);
  }

  private static void insertion(int[] order, double[] keys) {
    for (int i = 1; i < order.length; i++) {
      int moved = order[i];
      double key = keys[moved];
      int j = i;
      while (j > 0 && keys[order[j - 1]] > key) {
        order[j] = order[j - 1];
        j--;
      }
      order[j] = moved;
    }
  }

  private static int[] merge(int[] order, double[] keys) {
    int n = order.length;
    int[] from = order;
    int[] to = new int[n];
    for (int width = 1; width < n; width *= 2) {
      for (int start = 0; start < n; start += 2 * width) {
        int middle = Math.min(start + width, n);
        int end = Math.min(start + 2 * width, n);
        int left = start;
        int right = middle;
        for (int i = start; i < end; i++) {
          boolean takeLeft =
              left < middle && (right >= end || keys[from[left]] <= keys[from[right]]);
          to[i] = takeLeft ? from[left++] : from[right++];
        }
      }
      int[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  /** Indices that sort points lexicographically upwards; equal points keep their order. */
  static int[] lexicographic(double[][] points) {
    int n = points.length;
    if (n == 0) {
      return new int[0];
    }
    double[] keys = new double[n];
    for (int i = 0; i < n; i++) {
      keys[i] = points[i][0];
    }
    int[] order = ascending(keys);
    for (int start = 0; start < n; ) {
      int end = start + 1;
      while (end < n && keys[order[end]] == keys[order[start]]) {
        end++;
      }
      if (end - start > 1) {
        Integer[] tied = new Integer[end - start];
        for (int i = start; i < end; i++) {
          tied[i - start] = order[i];
        }
        Arrays.sort(tied, (left, right) -> compare(points[left], points[right]));
        for (int i = start; i < end; i++) {
          order[i] = tied[i - start];
        }
      }
      start = end;
    }
    return order;
  }

  private static int compare(double[] left, double[] right) {
    for (int m = 0; m < left.length; m++) {
      if (left[m] != right[m]) {
        return left[m] < right[m] ? -1 : 1;
      }
    }
    return 0;
  }
}
