package dev.lathe.evolution.surrogate;

import dev.lathe.evolution.surrogate.Encoding.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Predicts one metric of an architecture, with an uncertainty: Gaussian process regression
 * (Rasmussen, Williams: Gaussian Processes for Machine Learning, 2006) on normal scores of the
 * metric, with a kernel made for choices.
 */
public final class GaussianProcess {
  /** More points than these say little more about the kernel's few parameters. */
  private static final int FIT_POINTS = 150;

  private static final int FIT_STEPS = 12;

  private final Kernel kernel;
  private final List<Point> points = new ArrayList<>();
  private final Cholesky cholesky = new Cholesky();
  private Warp warp = new Warp(new double[] {0});
  private double[] alpha = new double[0];

  private GaussianProcess(Kernel kernel) {
    this.kernel = kernel;
  }

  /** A process whose kernel is fitted to these observations; it holds none of them yet. */
  public static GaussianProcess fitted(Encoding encoding, List<Point> points, double[] values) {
    List<Point> some = points;
    double[] theirs = values;
    if (points.size() > FIT_POINTS) {
      some = new ArrayList<>(FIT_POINTS);
      theirs = new double[FIT_POINTS];
      for (int i = 0; i < FIT_POINTS; i++) {
        int from = (int) ((long) i * points.size() / FIT_POINTS);
        some.add(points.get(from));
        theirs[i] = values[from];
      }
    }
    double[] scores = new Warp(theirs).scores();
    double[] parameters =
        new KernelFit(encoding, some, scores).ascend(Kernel.prior(encoding), FIT_STEPS);
    return new GaussianProcess(new Kernel(encoding, parameters));
  }

  /** A process with the kernel that is expected before anything is known. */
  public static GaussianProcess unfitted(Encoding encoding) {
    return new GaussianProcess(new Kernel(encoding, Kernel.prior(encoding)));
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
      double[] column = covariances(point);
      points.add(point);
      cholesky.append(column, kernel.variance() + kernel.noise());
    }
    warp = new Warp(values);
    alpha = cholesky.solve(warp.scores());
  }

  private double[] covariances(Point point) {
    double[] column = new double[points.size()];
    for (int i = 0; i < column.length; i++) {
      column[i] = kernel.of(points.get(i), point);
    }
    return column;
  }

  /** The predicted value of the metric. */
  public double predict(Point point) {
    double score = 0;
    for (int i = 0; i < alpha.length; i++) {
      score += alpha[i] * kernel.of(points.get(i), point);
    }
    return warp.value(score);
  }

  /** The prediction as a distribution, which can be narrowed by further points. */
  public Belief belief(Point point) {
    double[] column = covariances(point);
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
      return warp.value(mean + deviations * Math.sqrt(Math.max(variance, 0)));
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
