package dev.lathe.compress.sparse;

import java.util.Arrays;

/** Chooses which weights are kept; the others become zero. */
public final class Masks {
  private Masks() {}

  /**
   * Keeps the weights of largest importance in each row.
   *
   * @param weights rows × columns, row-major
   * @param inputNorms root mean square of each column's input; a weight's importance is |w| times
   *     that (Sun et al.: Wanda, 2023, arXiv:2306.11695); empty for the magnitude alone
   * @param zeros share of the weights of a row that become zero, in [0, 1]
   */
  public static boolean[] rows(
      float[] weights, int rows, int columns, double[] inputNorms, double zeros) {
    boolean[] kept = new boolean[weights.length];
    int keep = columns - (int) Math.round(zeros * columns);
    Integer[] order = new Integer[columns];
    for (int row = 0; row < rows; row++) {
      int at = row * columns;
      Arrays.setAll(order, i -> i);
      Arrays.sort(
          order,
          (a, b) ->
              Double.compare(
                  importance(weights, at, b, inputNorms), importance(weights, at, a, inputNorms)));
      for (int i = 0; i < keep; i++) {
        kept[at + order[i]] = true;
      }
    }
    return kept;
  }

  /**
   * Keeps the two of largest importance in every four consecutive input channels, for each position
   * of a kernel (Mishra et al., arXiv:2104.08378).
   *
   * @param positions weights of one input channel in a row: kernel height × width, 1 for a matrix
   */
  public static boolean[] twoOfFour(
      float[] weights, int rows, int columns, int positions, double[] inputNorms) {
    int channels = columns / positions;
    boolean[] kept = new boolean[weights.length];
    for (int row = 0; row < rows; row++) {
      for (int position = 0; position < positions; position++) {
        for (int group = 0; group < channels; group += 4) {
          keepTwo(weights, row * columns, group, channels, positions, position, inputNorms, kept);
        }
      }
    }
    return kept;
  }

  private static void keepTwo(
      float[] weights,
      int at,
      int group,
      int channels,
      int positions,
      int position,
      double[] inputNorms,
      boolean[] kept) {
    int first = -1;
    int second = -1;
    for (int channel = group; channel < Math.min(group + 4, channels); channel++) {
      int column = channel * positions + position;
      double value = importance(weights, at, column, inputNorms);
      if (first < 0 || value > importance(weights, at, first, inputNorms)) {
        second = first;
        first = column;
      } else if (second < 0 || value > importance(weights, at, second, inputNorms)) {
        second = column;
      }
    }
    kept[at + first] = true;
    if (second >= 0) {
      kept[at + second] = true;
    }
  }

  private static double importance(float[] weights, int at, int column, double[] inputNorms) {
    double magnitude = Math.abs(weights[at + column]);
    return inputNorms.length == 0 ? magnitude : magnitude * inputNorms[column];
  }

  /** The weights with those not kept set to zero. */
  public static float[] apply(float[] weights, boolean[] kept) {
    float[] out = weights.clone();
    for (int i = 0; i < out.length; i++) {
      if (!kept[i]) {
        out[i] = 0;
      }
    }
    return out;
  }
}
