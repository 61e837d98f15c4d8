package dev.lathe.compress.factor;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * Two factors of a matrix.
 *
 * @param left rows × rank, row-major
 * @param right rank × columns, row-major
 * @param rank inner size
 */
public record Factors(double[] left, double[] right, int rank) {
  /**
   * The factors of a rank with the least squared error: a truncated singular value decomposition,
   * singular values shared evenly.
   *
   * @param matrix rows × columns, row-major
   */
  public static Factors of(double[] matrix, int rows, int columns, int rank) {
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(rows, columns, true, true, true);
    DMatrixRMaj input = DMatrixRMaj.wrap(rows, columns, matrix.clone());
    if (!svd.decompose(input)) {
      throw new ArithmeticException(
          "the singular value decomposition of a %d x %d matrix did not converge"
              .formatted(rows, columns));
    }
    DMatrixRMaj u = svd.getU(null, false);
    DMatrixRMaj v = svd.getV(null, false);
    double[] values = svd.getSingularValues();
    SingularOps_DDRM.descendingOrder(u, false, values, svd.numberOfSingularValues(), v, false);
    double[] left = new double[rows * rank];
    double[] right = new double[rank * columns];
    for (int r = 0; r < rank; r++) {
      double root = Math.sqrt(values[r]);
      for (int i = 0; i < rows; i++) {
        left[i * rank + r] = u.get(i, r) * root;
      }
      for (int j = 0; j < columns; j++) {
        right[r * columns + j] = v.get(j, r) * root;
      }
    }
    return new Factors(left, right, rank);
  }

  /**
   * The factors with the least error of the products with inputs of the Gram matrix G = XᵀX: the
   * decomposition of W G^½, its right factor times G^−½.
   *
   * @param gram columns × columns, row-major, symmetric
   */
  public static Factors of(double[] matrix, int rows, int columns, int rank, double[] gram) {
    double[] root = power(gram, columns, 0.5);
    double[] inverse = power(gram, columns, -0.5);
    Factors weighted = of(product(matrix, root, rows, columns, columns), rows, columns, rank);
    return new Factors(
        weighted.left, product(weighted.right, inverse, rank, columns, columns), rank);
  }

  /** The product of the two. */
  public double[] product(int rows, int columns) {
    return product(left, right, rows, rank, columns);
  }

  /** A power of a symmetric matrix, small eigenvalues lifted to 1e-6 of the mean. */
  static double[] power(double[] symmetric, int size, double exponent) {
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(size, true, true);
    if (!eigen.decompose(DMatrixRMaj.wrap(size, size, symmetric.clone()))) {
      throw new ArithmeticException("the eigenvalues of a Gram matrix did not converge");
    }
    double mean = 0;
    for (int i = 0; i < size; i++) {
      mean += eigen.getEigenvalue(i).getReal() / size;
    }
    double floor = Math.max(mean * 1e-6, 1e-30);
    double[] out = new double[size * size];
    for (int k = 0; k < size; k++) {
      double value = Math.pow(Math.max(eigen.getEigenvalue(k).getReal(), floor), exponent);
      DMatrixRMaj vector = eigen.getEigenVector(k);
      for (int i = 0; i < size; i++) {
        double scaled = value * vector.get(i);
        for (int j = 0; j < size; j++) {
          out[i * size + j] += scaled * vector.get(j);
        }
      }
    }
    return out;
  }

  static double[] product(double[] a, double[] b, int rows, int inner, int columns) {
    DMatrixRMaj out = new DMatrixRMaj(rows, columns);
    CommonOps_DDRM.mult(DMatrixRMaj.wrap(rows, inner, a), DMatrixRMaj.wrap(inner, columns, b), out);
    return out.data;
  }
}
