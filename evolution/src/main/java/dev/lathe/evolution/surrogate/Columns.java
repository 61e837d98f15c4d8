package dev.lathe.evolution.surrogate;

import dev.lathe.evolution.surrogate.Encoding.Point;
import java.util.Arrays;

/** A growing list of encoded architectures, stored gene by gene: made to be compared with one. */
final class Columns {
  private final int[][] codes;
  private final int[][] counts;
  private int size;

  Columns(Encoding encoding) {
    this.codes = new int[encoding.genes()][16];
    this.counts = new int[encoding.letters()][16];
  }

  void add(Point point) {
    append(codes, point.codes());
    append(counts, point.counts());
    size++;
  }

  private void append(int[][] columns, int[] values) {
    for (int c = 0; c < columns.length; c++) {
      if (size == columns[c].length) {
        columns[c] = Arrays.copyOf(columns[c], 2 * size);
      }
      columns[c][size] = values[c];
    }
  }

  int size() {
    return size;
  }

  /** Codes of one gene; entries from {@link #size} on mean nothing. */
  int[] codes(int gene) {
    return codes[gene];
  }

  /** Counts of one letter, likewise. */
  int[] counts(int letter) {
    return counts[letter];
  }
}
