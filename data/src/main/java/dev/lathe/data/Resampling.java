package dev.lathe.data;

/**
 * Changes the size of one colour plane: takes the largest centred part that has the new aspect
 * ratio, averages over areas where it shrinks and interpolates bilinearly where it grows. Both
 * directions are weighted sums of neighbouring pixels, prepared once for many planes.
 */
final class Resampling {
  private final int fromWidth;
  private final Axis rows;
  private final Axis columns;

  private Resampling(int fromWidth, Axis rows, Axis columns) {
    this.fromWidth = fromWidth;
    this.rows = rows;
    this.columns = columns;
  }

  static Resampling of(int fromHeight, int fromWidth, int toHeight, int toWidth) {
    // The largest part of the new aspect ratio: whole rows or whole columns, the rest centred.
    double scale = Math.min((double) fromHeight / toHeight, (double) fromWidth / toWidth);
    return new Resampling(
        fromWidth, Axis.of(fromHeight, toHeight, scale), Axis.of(fromWidth, toWidth, scale));
  }

  /** Reads one plane of unsigned bytes from {@code offset}, writes the new one. */
  void apply(byte[] from, int offset, byte[] to, int toOffset) {
    int toWidth = columns.first.length;
    int firstRow = rows.first[0];
    int lastRow = rows.first[rows.first.length - 1] + rows.weights[rows.first.length - 1].length;
    float[] narrow = new float[(lastRow - firstRow) * toWidth];
    for (int y = firstRow; y < lastRow; y++) {
      int row = offset + y * fromWidth;
      for (int x = 0; x < toWidth; x++) {
        float[] weights = columns.weights[x];
        int at = row + columns.first[x];
        float sum = 0;
        for (int k = 0; k < weights.length; k++) {
          sum += weights[k] * (from[at + k] & 0xff);
        }
        narrow[(y - firstRow) * toWidth + x] = sum;
      }
    }
    for (int y = 0; y < rows.first.length; y++) {
      float[] weights = rows.weights[y];
      for (int x = 0; x < toWidth; x++) {
        int at = (rows.first[y] - firstRow) * toWidth + x;
        float sum = 0.5f;
        for (int k = 0; k < weights.length; k++) {
          sum += weights[k] * narrow[at + k * toWidth];
        }
        to[toOffset + y * toWidth + x] = (byte) Math.min(255, (int) sum);
      }
    }
  }

  /**
   * For each new coordinate, the first old one that it is made of, and the weights from there on;
   * the first ones and the ends never decrease.
   */
  private record Axis(int[] first, float[][] weights) {
    static Axis of(int from, int to, double scale) {
      double start = (from - to * scale) / 2;
      int[] first = new int[to];
      float[][] weights = new float[to][];
      for (int i = 0; i < to; i++) {
        // A box as wide as the new pixel; when growing, a tent between two old pixels' centres.
        double low = start + i * scale;
        double high = low + scale;
        if (scale < 1) {
          double centre = (low + high) / 2 - 0.5;
          int left = Math.clamp((int) Math.floor(centre), 0, from - 1);
          int right = Math.min(left + 1, from - 1);
          float share = (float) Math.clamp(centre - left, 0, 1);
          first[i] = left;
          weights[i] = right == left ? new float[] {1} : new float[] {1 - share, share};
        } else {
          int left = Math.clamp((int) Math.floor(low + 1e-9), 0, from - 1);
          int right = Math.clamp((int) Math.ceil(high - 1e-9), left + 1, from);
          float[] w = new float[right - left];
          for (int k = left; k < right; k++) {
            w[k - left] = (float) ((Math.min(high, k + 1) - Math.max(low, k)) / scale);
          }
          first[i] = left;
          weights[i] = w;
        }
      }
      return new Axis(first, weights);
    }
  }
}
