package dev.lathe.evolution.surrogate;

import java.util.Arrays;

/** Lower triangular factor of a growing positive definite matrix, row by row. */
final class Cholesky {
  private double[][] rows = new double[16][];
  private int size;

  int size() {
    return size;
  }

  /**
   * Appends a row and column of the matrix.
   *
   * @param column covariances with the rows so far, in their order; at least {@link #size} long
   * @param diagonal the new diagonal element
   */
  void append(double[] column, double diagonal) {
    double[] row = forward(column, size + 1);
    double rest = diagonal;
    for (int i = 0; i < size; i++) {
      rest -= row[i] * row[i];
    }
    row[size] = Math.sqrt(Math.max(rest, 1e-10 * diagonal));
    if (size == rows.length) {
      rows = Arrays.copyOf(rows, 2 * size);
    }
    rows[size++] = row;
  }

  /** Solves L x = b; the answer has the given length, zeros at its end. */
  double[] forward(double[] b, int length) {
    double[] x = new double[length];
    for (int i = 0; i < size; i++) {
      double[] row = rows[i];
      x[i] = (b[i] - dot(row, x, i)) / row[i];
    }
    return x;
  }

  /** Solves (L Lᵀ) x = b. */
  double[] solve(double[] b) {
    double[] x = forward(b, size);
    for (int i = size - 1; i >= 0; i--) {
      double[] row = rows[i];
      x[i] /= row[i];
      double value = x[i];
      for (int j = 0; j < i; j++) {
        x[j] -= value * row[j];
      }
    }
    return x;
  }

  /** Half of the logarithm of the matrix's determinant. */
  double halfLogDeterminant() {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += Math.log(rows[i][i]);
    }
    return sum;
  }

  /** The diagonal of the matrix's inverse. */
  double[] inverseDiagonal() {
    double[] diagonal = new double[size];
    for (double[] row : inverseFactor()) {
      for (int i = 0; i < row.length; i++) {
        diagonal[i] += row[i] * row[i];
      }
    }
    return diagonal;
  }

  /** The inverse of the matrix, both triangles. */
  double[][] inverse() {
    double[][] inverse = new double[size][size];
    double[][] w = inverseFactor();
    for (int k = 0; k < size; k++) {
      for (int i = 0; i <= k; i++) {
        axpy(w[k][i], w[k], inverse[i], i + 1);
      }
    }
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < i; j++) {
        inverse[j][i] = inverse[i][j];
      }
    }
    return inverse;
  }

  /** W = L⁻¹, by rows: W[i] = (e_i − Σ_{j<i} L[i][j] W[j]) / L[i][i]; the inverse is Wᵀ W. */
  private double[][] inverseFactor() {
    double[][] w = new double[size][];
    for (int i = 0; i < size; i++) {
      double[] row = new double[i + 1];
      for (int j = 0; j < i; j++) {
        axpy(-rows[i][j], w[j], row, j + 1);
      }
      row[i] = 1;
      double scale = 1 / rows[i][i];
      for (int j = 0; j <= i; j++) {
        row[j] *= scale;
      }
      w[i] = row;
    }
    return w;
  }

  static double dot(double[] a, double[] b, int length) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < length; i += 4) {
      s0 += a[i] * b[i];
      s1 += a[i + 1] * b[i + 1];
      s2 += a[i + 2] * b[i + 2];
      s3 += a[i + 3] * b[i + 3];
    }
    for (; i < length; i++) {
      s0 += a[i] * b[i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  private static void axpy(double factor, double[] from, double[] to, int length) {
    for (int i = 0; i < length; i++) {
      to[i] += factor * from[i];
    }
  }
}
