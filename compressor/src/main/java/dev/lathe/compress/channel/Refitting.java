package dev.lathe.compress.channel;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import dev.lathe.space.elastic.Cut;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Fits the weights that read channels, by least squares, to what they made before some of these
 * were left out: W' = W G_:K (G_KK + λI)⁻¹ on the columns K that stay (He et al.: Channel Pruning
 * for Accelerating Very Deep Neural Networks, 2017, arXiv:1707.06168). What has been computed is
 * kept: a search cuts the same way many times. Not safe for use by several threads.
 */
public final class Refitting {
  private static final double DAMPING = 0.01;

  private final ChannelReaders readers;
  private final Map<String, float[]> known = new HashMap<>();

  public Refitting(ChannelReaders readers) {
    this.readers = readers;
  }

  /** Adds a share of the mean of the diagonal to the diagonal; returns what was added. */
  static double damp(DMatrixRMaj gram) {
    double mean = 0;
    for (int i = 0; i < gram.numRows; i++) {
      mean += gram.get(i, i) / gram.numRows;
    }
    double added = Math.max(DAMPING * mean, 1e-12);
    for (int i = 0; i < gram.numRows; i++) {
      gram.add(i, i, added);
    }
    return added;
  }

  /** The cut model, its readers fitted. */
  public OnnxGraph graph(Cut cut) {
    OnnxGraph graph = cut.graph();
    for (ReadMatrix matrix : readers.matrices().values()) {
      if (matrix.isKnown() && graph.initializer(matrix.reader().weight()).isPresent()) {
        fit(graph, cut, matrix);
      }
    }
    return graph;
  }

  private void fit(OnnxGraph graph, Cut cut, ReadMatrix matrix) {
    int[] entries = cut.entries(matrix.reader().weight(), matrix.reader().weightAxis());
    int all = matrix.rows().columns();
    int each = matrix.each(readers.structure());
    if (entries.length * each == all) {
      return;
    }
    int[] columns = new int[entries.length * each];
    Arrays.setAll(columns, i -> entries[i / each] * each + i % each);
    float[] fitted =
        known.computeIfAbsent(
            matrix.reader().node() + Arrays.toString(entries), key -> fitted(matrix, columns));
    int outputAxis = matrix.rows().node().outputAxis();
    int[] rows = cut.entries(matrix.reader().weight(), outputAxis);
    float[] values = new float[rows.length * columns.length];
    for (int row = 0; row < rows.length; row++) {
      for (int column = 0; column < columns.length; column++) {
        values[outputAxis == 0 ? row * columns.length + column : column * rows.length + row] =
            fitted[rows[row] * columns.length + column];
      }
    }
    long[] dims = graph.initializer(matrix.reader().weight()).orElseThrow().dims();
    graph.addInitializer(TensorValue.floats(matrix.reader().weight(), values, dims));
  }

  /** All rows of the matrix, on some of its columns. */
  private static float[] fitted(ReadMatrix matrix, int[] columns) {
    int all = matrix.rows().columns();
    DMatrixRMaj inner = new DMatrixRMaj(columns.length, columns.length);
    DMatrixRMaj cross = new DMatrixRMaj(columns.length, all);
    for (int i = 0; i < columns.length; i++) {
      System.arraycopy(matrix.gram(), columns[i] * all, cross.data, i * all, all);
      for (int j = 0; j < columns.length; j++) {
        inner.set(i, j, matrix.gram()[columns[i] * all + columns[j]]);
      }
    }
    double added = damp(inner);
    for (int i = 0; i < columns.length; i++) {
      // Columns that stay lose nothing by damping: it pulls towards the old weights.
      cross.add(i, columns[i], added);
    }
    DMatrixRMaj transfer = new DMatrixRMaj(columns.length, all);
    float[] fitted = new float[matrix.rows().rows() * columns.length];
    boolean solved = CommonOps_DDRM.solve(inner, cross, transfer);
    float[] weights = matrix.rows().values();
    for (int row = 0; row < matrix.rows().rows(); row++) {
      for (int i = 0; i < columns.length; i++) {
        double sum = solved ? 0 : weights[row * all + columns[i]];
        for (int j = 0; solved && j < all; j++) {
          sum += weights[row * all + j] * transfer.data[i * all + j];
        }
        fitted[row * columns.length + i] = (float) sum;
      }
    }
    return fitted;
  }
}
