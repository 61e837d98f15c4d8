package dev.lathe.compress.channel;

import dev.lathe.compress.WeightRows;
import dev.lathe.space.elastic.ElasticStructure;
import dev.lathe.space.elastic.Reader;
import java.util.Arrays;

/**
 * Weights that read channels, as a matrix.
 *
 * @param reader where they are
 * @param rows one an output channel; the columns count [channel, position of the kernel]
 * @param gram XᵀX / n of what the columns multiply, row-major; empty if not known
 */
record ReadMatrix(Reader reader, WeightRows rows, double[] gram) {
  boolean isKnown() {
    return gram.length > 0;
  }

  /** Columns of one entry of the axis that counts channels. */
  int each(ElasticStructure structure) {
    long entries =
        structure.graph().initializer(reader.weight()).orElseThrow().dim(reader.weightAxis());
    return rows.columns() / Math.toIntExact(entries);
  }

  /** For each column the rank of its channel in a group, −1 if it is of another. */
  int[] ranks(ElasticStructure structure, int group) {
    int[] ofEntries = structure.ranks(group, reader.weight(), reader.weightAxis());
    int each = each(structure);
    int[] ranks = new int[rows.columns()];
    Arrays.setAll(ranks, column -> ofEntries[column / each]);
    return ranks;
  }

  /** The mean square of the outputs, summed: tr(W G Wᵀ). */
  double energy() {
    double energy = 0;
    for (int column = 0; column < rows.columns(); column++) {
      double weight = 0;
      for (int row = 0; row < rows.rows(); row++) {
        double value = rows.values()[row * rows.columns() + column];
        weight += value * value;
      }
      energy += weight * gram[column * rows.columns() + column];
    }
    return Math.max(energy, Double.MIN_NORMAL);
  }
}
