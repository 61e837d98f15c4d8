package dev.lathe.latency.regression;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Least squares with coefficients that are not negative, by the active-set method of Lawson and
 * Hanson (Solving Least Squares Problems, 1974) on the normal equations.
 */
public final class NonNegativeLeastSquares {
  private static final double TOLERANCE = 1e-10;

  private NonNegativeLeastSquares() {}

  /**
   * The x ≥ 0 that minimises {@code |A x - b|² + ridge |x|²}. Columns should be of like size.
   *
   * @param a rows of length n
   * @param b one value a row
   * @param ridge above 0; keeps dependent columns apart
   */
  public static double[] solve(double[][] a, double[] b, double ridge) {
    if (!(ridge > 0)) {
      throw new IllegalArgumentException("ridge is %s but must be above 0.".formatted(ridge));
    }
    DMatrixRMaj rows = new DMatrixRMaj(a);
    int n = rows.numCols;
    DMatrixRMaj gram = new DMatrixRMaj(n, n);
    CommonOps_DDRM.multInner(rows, gram);
    CommonOps_DDRM.addEquals(gram, ridge, CommonOps_DDRM.identity(n));
    DMatrixRMaj right = new DMatrixRMaj(n, 1);
    CommonOps_DDRM.multTransA(rows, DMatrixRMaj.wrap(b.length, 1, b), right);

    double scale = 0;
    for (double value : right.data) {
      scale = Math.max(scale, Math.abs(value));
    }
    boolean[] free = new boolean[n];
    double[] x = new double[n];
    for (int step = 0; step < 10 * n; step++) {
      int best = steepest(gram, right, x, free, TOLERANCE * scale);
      if (best < 0) {
        return x;
      }
      free[best] = true;
      for (double[] z = solveFree(gram, right, free); true; z = solveFree(gram, right, free)) {
        double stepLength = 1;
        for (int j = 0; j < n; j++) {
          if (free[j] && z[j] <= 0) {
            stepLength = Math.min(stepLength, x[j] / (x[j] - z[j]));
          }
        }
        for (int j = 0; j < n; j++) {
          x[j] += stepLength * (z[j] - x[j]);
        }
        if (stepLength == 1) {
          break;
        }
        for (int j = 0; j < n; j++) {
          if (free[j] && x[j] <= TOLERANCE * Math.abs(z[j])) {
            free[j] = false;
            x[j] = 0;
          }
        }
      }
    }
    return x;
  }

  private static int steepest(
      DMatrixRMaj gram, DMatrixRMaj right, double[] x, boolean[] free, double tolerance) {
    int n = x.length;
    int[] used = IntStream.range(0, n).filter(k -> x[k] != 0).toArray();
    int best = -1;
    double steepest = tolerance;
    for (int j = 0; j < n; j++) {
      if (!free[j]) {
        double gradient = right.get(j);
        for (int k : used) {
          gradient -= gram.get(j, k) * x[k];
        }
        if (gradient > steepest) {
          steepest = gradient;
          best = j;
        }
      }
    }
    return best;
  }

  private static double[] solveFree(DMatrixRMaj gram, DMatrixRMaj right, boolean[] free) {
    int[] index = new int[free.length];
    int count = 0;
    for (int j = 0; j < free.length; j++) {
      if (free[j]) {
        index[count++] = j;
      }
    }
    int[] columns = Arrays.copyOf(index, count);
    DMatrixRMaj matrix = new DMatrixRMaj(count, count);
    CommonOps_DDRM.extract(gram, columns, count, columns, count, matrix);
    DMatrixRMaj vector = new DMatrixRMaj(count, 1);
    CommonOps_DDRM.extract(right, columns, count, new int[] {0}, 1, vector);
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.chol(count);
    DMatrixRMaj solution = new DMatrixRMaj(count, 1);
    if (!solver.setA(matrix)) {
      throw new ArithmeticException(
          "the normal equations of %d columns are not positive definite. Maybe a feature is not finite."
              .formatted(count));
    }
    solver.solve(vector, solution);
    double[] z = new double[free.length];
    for (int i = 0; i < count; i++) {
      z[columns[i]] = solution.get(i);
    }
    return z;
  }
}
