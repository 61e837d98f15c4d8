package dev.lathe.latency.regression;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.decomposition.chol.CholeskyDecompositionInner_DDRM;
import org.ejml.dense.row.linsol.chol.LinearSolverChol_DDRM;

/**
 * Ridge regressions on the same rows: the products of the columns are computed once, then any
 * targets and penalties are cheap. Columns and targets are centred.
 */
public final class RidgeSystem {
  private final DMatrixRMaj centred;
  private final DMatrixRMaj gram;
  private final double[] means;

  /** A system of rows of equal length. */
  public RidgeSystem(double[][] rows) {
    int n = rows.length;
    int features = rows[0].length;
    means = new double[features];
    for (double[] row : rows) {
      for (int f = 0; f < features; f++) {
        means[f] += row[f] / n;
      }
    }
    centred = new DMatrixRMaj(n, features);
    for (int i = 0; i < n; i++) {
      for (int f = 0; f < features; f++) {
        centred.set(i, f, rows[i][f] - means[f]);
      }
    }
    gram = new DMatrixRMaj(features, features);
    CommonOps_DDRM.multInner(centred, gram);
  }

  /**
   * A fitted regression.
   *
   * @param logEvidence of penalties and scale, up to a constant of the system
   */
  public record Fit(double intercept, double[] coefficients, double logEvidence) {
    /** The value for a row. */
    public double predict(double[] row) {
      double sum = intercept;
      for (int f = 0; f < row.length; f++) {
        sum += coefficients[f] * row[f];
      }
      return sum;
    }
  }

  /**
   * Minimises squared error + Σ penalty x².
   *
   * @param targets one a row
   * @param penalties one a column, above 0
   */
  public Fit fit(double[] targets, double[] penalties) {
    int n = centred.numRows;
    int features = centred.numCols;
    double mean = 0;
    for (double target : targets) {
      mean += target / n;
    }
    DMatrixRMaj shifted = new DMatrixRMaj(n, 1);
    double squares = 0;
    for (int i = 0; i < n; i++) {
      shifted.set(i, targets[i] - mean);
      squares += shifted.get(i) * shifted.get(i);
    }
    DMatrixRMaj right = new DMatrixRMaj(features, 1);
    CommonOps_DDRM.multTransA(centred, shifted, right);
    DMatrixRMaj system = gram.copy();
    double logPenalties = 0;
    for (int f = 0; f < features; f++) {
      system.add(f, f, penalties[f]);
      logPenalties += Math.log(penalties[f]);
    }
    var decomposition = new CholeskyDecompositionInner_DDRM(true);
    var solver = new LinearSolverChol_DDRM(decomposition);
    if (!solver.setA(system)) {
      throw new ArithmeticException(
          "a ridge system of %d columns is not positive definite. Maybe a feature is not finite."
              .formatted(features));
    }
    DMatrixRMaj solution = new DMatrixRMaj(features, 1);
    solver.solve(right, solution);
    double logDeterminant = 0;
    double quadratic = squares;
    double intercept = mean;
    for (int f = 0; f < features; f++) {
      logDeterminant += 2 * Math.log(decomposition.getT().get(f, f));
      quadratic -= right.get(f) * solution.get(f);
      intercept -= means[f] * solution.get(f);
    }
    double evidence =
        -0.5 * (logDeterminant - logPenalties) - 0.5 * n * Math.log(quadratic / n + 1e-300);
    return new Fit(intercept, solution.data.clone(), evidence);
  }

  /**
   * For each row, its target less the prediction of a fit without it, from the leverages.
   *
   * @param rows those of the system
   */
  public double[] leaveOneOut(double[][] rows, double[] targets, double[] penalties) {
    Fit fit = fit(targets, penalties);
    DMatrixRMaj system = gram.copy();
    for (int f = 0; f < penalties.length; f++) {
      system.add(f, f, penalties[f]);
    }
    DMatrixRMaj inverse = new DMatrixRMaj(penalties.length, penalties.length);
    var solver = new LinearSolverChol_DDRM(new CholeskyDecompositionInner_DDRM(true));
    solver.setA(system);
    solver.invert(inverse);
    DMatrixRMaj product = new DMatrixRMaj(centred.numRows, penalties.length);
    CommonOps_DDRM.mult(centred, inverse, product);
    double[] errors = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      double leverage = 1.0 / rows.length;
      for (int f = 0; f < penalties.length; f++) {
        leverage += centred.get(i, f) * product.get(i, f);
      }
      errors[i] = (targets[i] - fit.predict(rows[i])) / Math.max(1e-6, 1 - leverage);
    }
    return errors;
  }
}
