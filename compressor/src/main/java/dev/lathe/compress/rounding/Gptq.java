package dev.lathe.compress.rounding;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;

/**
 * Rounds weights one column after the other, and lets the columns that follow make up for the error
 * (Frantar et al.: GPTQ, 2022, arXiv:2210.17323), with H = G + 1 % of the mean of its diagonal.
 */
public final class Gptq {
  private static final double DAMPING = 0.01;

  private Gptq() {}

  /**
   * Rounds to a grid.
   *
   * @param weights rows × columns, row-major
   * @param gram columns × columns, row-major: XᵀX of the inputs
   * @return integers of the grid
   */
  public static int[] round(float[] weights, BlockGrid grid, double[] gram) {
    int size = grid.columns();
    double[] upper = inverseFactor(gram, size);
    int[] integers = new int[weights.length];
    double[] row = new double[size];
    for (int r = 0; r < grid.rows(); r++) {
      for (int i = 0; i < size; i++) {
        row[i] = weights[r * size + i];
      }
      for (int j = 0; j < size; j++) {
        int rounded = grid.nearest(r, j, row[j]);
        integers[r * size + j] = rounded;
        double error = (row[j] - (double) rounded * grid.scale(r, j)) / upper[j * size + j];
        for (int k = j + 1; k < size; k++) {
          row[k] -= error * upper[j * size + k];
        }
      }
    }
    return integers;
  }

  /** The upper triangular U with UᵀU = H⁻¹. */
  static double[] inverseFactor(double[] gram, int size) {
    double mean = 0;
    for (int i = 0; i < size; i++) {
      mean += gram[i * size + i] / size;
    }
    double damping = Math.max(DAMPING * mean, 1e-12);
    DMatrixRMaj h = DMatrixRMaj.wrap(size, size, gram.clone());
    for (int i = 0; i < size; i++) {
      h.add(i, i, damping);
    }
    DMatrixRMaj inverse = new DMatrixRMaj(size, size);
    CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(size, false);
    if (!CommonOps_DDRM.invert(h, inverse) || !cholesky.decompose(inverse)) {
      throw new ArithmeticException("a Gram matrix of size %d cannot be inverted".formatted(size));
    }
    return cholesky.getT(null).data;
  }
}
