package dev.lathe.data.picture;

import java.util.Arrays;

/**
 * Changes the size of colour planes: averages over areas where it shrinks and interpolates
 * bilinearly where it grows. Both directions are weighted sums of neighbouring pixels, prepared
 * once for many pictures. Rows are read one after another, so that no copy of a large picture is
 * made.
 */
public final class Resampling {
  private final int fromWidth;
  private final Axis rows;
  private final Axis columns;

  /** A picture's rows, top first. */
  @FunctionalInterface
  public interface Rows {
    /**
     * Reads a row of every colour plane.
     *
     * @param into [channels][width], unsigned bytes
     */
    void read(int y, byte[][] into);
  }

  private Resampling(int fromWidth, Axis rows, Axis columns) {
    this.fromWidth = fromWidth;
    this.rows = rows;
    this.columns = columns;
  }

  /** From pictures of a size to inputs. */
  public static Resampling of(int fromHeight, int fromWidth, Framing to) {
    double down = (double) fromHeight / to.height();
    double across = (double) fromWidth / to.width();
    if (to.fit() == Framing.Fit.CROP) {
      // The largest part of the new aspect ratio: whole rows or whole columns, the rest centred.
      down = Math.min(down, across) * to.share();
      across = down;
    }
    return new Resampling(
        fromWidth, Axis.of(fromHeight, to.height(), down), Axis.of(fromWidth, to.width(), across));
  }

  /**
   * Writes the new picture.
   *
   * @param to receives [channels, height, width] from {@code offset}
   */
  public void apply(Rows from, int channels, byte[] to, int offset) {
    int height = rows.first.length;
    int width = columns.first.length;
    float[] sums = new float[channels * height * width];
    Arrays.fill(sums, 0.5f);
    byte[][] row = new byte[channels][fromWidth];
    float[] narrow = new float[width];
    int done = 0;
    for (int y = rows.first[0]; y < rows.end(height - 1); y++) {
      from.read(y, row);
      while (rows.end(done) <= y) {
        done++;
      }
      for (int c = 0; c < channels; c++) {
        columns.shrink(row[c], narrow);
        for (int to1 = done; to1 < height && rows.first[to1] <= y; to1++) {
          if (rows.end(to1) <= y) {
            continue;
          }
          float weight = rows.weights[to1][y - rows.first[to1]];
          int at = (c * height + to1) * width;
          for (int x = 0; x < width; x++) {
            sums[at + x] += weight * narrow[x];
          }
        }
      }
    }
    for (int i = 0; i < sums.length; i++) {
      to[offset + i] = (byte) Math.min(255, (int) sums[i]);
    }
  }

  /** Reads planes that are in memory, [channels, height, width] from {@code offset}. */
  public static Rows planes(byte[] pixels, int offset, int height, int width) {
    return (y, into) -> {
      for (int c = 0; c < into.length; c++) {
        System.arraycopy(pixels, offset + (c * height + y) * width, into[c], 0, width);
      }
    };
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

    int end(int i) {
      return first[i] + weights[i].length;
    }

    void shrink(byte[] from, float[] to) {
      for (int x = 0; x < to.length; x++) {
        float[] w = weights[x];
        int at = first[x];
        float sum = 0;
        for (int k = 0; k < w.length; k++) {
          sum += w[k] * (from[at + k] & 0xff);
        }
        to[x] = sum;
      }
    }
  }
}
