package dev.lathe.evolution.surrogate;

import dev.lathe.evolution.surrogate.Encoding.Point;
import java.util.Arrays;
import java.util.List;

/**
 * Predicts one metric of an architecture, with an uncertainty: Gaussian process regression
 * (Rasmussen, Williams: Gaussian Processes for Machine Learning, 2006) on a scale of the metric,
 * with a covariance made for choices; both are chosen by cross-validation.
 */
public final class GaussianProcess {
  private final Model model;
  private final Covariance kernel;
  private final Columns points;
  private final Cholesky cholesky = new Cholesky();
  private Scale scale = new Warp(new double[] {0});
  private double[] alpha = new double[0];

  private GaussianProcess(Encoding encoding, Model model) {
    this.points = new Columns(encoding);
    this.model = model;
    this.kernel = model.covariance();
  }

  /**
   * A process of the family that predicts these observations, at least two, best in
   * cross-validation, fitted to them; it holds none of them yet.
   */
  public static GaussianProcess fitted(Encoding encoding, List<Point> points, double[] values) {
    return new GaussianProcess(encoding, Model.chosen(encoding, points, values));
  }

  /** A process as it is expected before anything is known. */
  public static GaussianProcess unfitted(Encoding encoding) {
    return new GaussianProcess(encoding, Model.prior(encoding));
  }

  /** What was chosen. */
  Model model() {
    return model;
  }

  /** The number of observations it holds. */
  public int size() {
    return points.size();
  }

  /**
   * Takes observations, of which the first {@link #size} must be those it holds already.
   *
   * @param all points, at least one
   * @param values of the metric, one a point
   */
  public void observe(List<Point> all, double[] values) {
    for (int i = points.size(); i < all.size(); i++) {
      Point point = all.get(i);
      double[] column = kernel.row(points, point);
      points.add(point);
      cholesky.append(column, kernel.variance() + kernel.noise());
    }
    scale = model.scale().of(values);
    alpha = cholesky.solve(scale.scores());
  }

  /** The predicted value of the metric. */
  public double predict(Point point) {
    double score = Cholesky.dot(kernel.row(points, point), alpha, alpha.length);
    return scale.value(score);
  }

  /** The prediction as a distribution, which can be narrowed by further points. */
  public Belief belief(Point point) {
    double[] column = kernel.row(points, point);
    double[] root = cholesky.forward(column, points.size());
    double variance = kernel.variance() - Cholesky.dot(root, root, root.length);
    return new Belief(point, Cholesky.dot(column, alpha, alpha.length), root, variance);
  }

  /** What is believed of one point's score: normal with a mean and a variance. */
  public final class Belief {
    private final Point point;
    private final double mean;
    private double[] root;
    private double variance;

    private Belief(Point point, double mean, double[] root, double variance) {
      this.point = point;
      this.mean = mean;
      this.root = root;
      this.variance = variance;
    }

    /** The metric's value at so many standard deviations from the mean. */
    public double value(double deviations) {
      return scale.value(mean + deviations * Math.sqrt(Math.max(variance, 0)));
    }

    /** Narrows this belief as if {@code other} had been observed just as expected. */
    public void given(Belief other) {
      int shared = Math.min(root.length, other.root.length);
      double covariance = kernel.of(point, other.point) - Cholesky.dot(root, other.root, shared);
      double share = covariance / Math.sqrt(Math.max(other.variance, 0) + kernel.noise());
      root = Arrays.copyOf(root, root.length + 1);
      root[root.length - 1] = share;
      variance -= share * share;
    }
  }
}
