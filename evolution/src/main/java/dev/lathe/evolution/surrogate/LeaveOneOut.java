package dev.lathe.evolution.surrogate;

import dev.lathe.evolution.surrogate.Encoding.Point;
import java.util.List;

/**
 * Cross-validation of a Gaussian process with each point left out in turn, from one factorization
 * (Rasmussen, Williams: Gaussian Processes for Machine Learning, 2006, equations 5.10 to 5.12).
 */
final class LeaveOneOut {
  private final double[] scores;
  private final double[] predicted;
  private final double explained;

  /**
   * @param points at least two
   * @param scores one a point
   */
  LeaveOneOut(Encoding encoding, Covariance covariance, List<Point> points, double[] scores) {
    int n = points.size();
    Cholesky cholesky = new Cholesky();
    Columns earlier = new Columns(encoding);
    for (Point point : points) {
      double[] column = covariance.row(earlier, point);
      cholesky.append(column, covariance.variance() + covariance.noise());
      earlier.add(point);
    }
    double[] alpha = cholesky.solve(scores);
    double[] precision = cholesky.inverseDiagonal();
    this.scores = scores;
    this.predicted = new double[n];
    for (int i = 0; i < n; i++) {
      predicted[i] = scores[i] - alpha[i] / precision[i];
    }
    this.explained = Cholesky.dot(scores, alpha, n) / n;
  }

  /** The score predicted for each point from all others. */
  double[] predicted() {
    return predicted;
  }

  /** Mean absolute error of these. */
  double error() {
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      sum += Math.abs(predicted[i] - scores[i]);
    }
    return sum / scores.length;
  }

  /** By which factor the covariance must be multiplied to be the most likely. */
  double likeliestFactor() {
    return explained;
  }
}
