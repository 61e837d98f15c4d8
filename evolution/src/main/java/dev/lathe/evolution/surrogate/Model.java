package dev.lathe.evolution.surrogate;

import dev.lathe.evolution.surrogate.Encoding.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How one metric is predicted: a covariance, and the scale on which it is trained. {@link #chosen}
 * compares families of models by cross-validation, as LINAS does for its predictors
 * (arXiv:2205.10358).
 *
 * @param error mean absolute error of cross-validation, in normal scores of the metric
 */
record Model(Family family, Scale.Kind scale, Covariance covariance, double error) {
  /** More points than these say little more about a covariance's few parameters. */
  private static final int FIT_POINTS = 150;

  private static final int FIT_STEPS = 12;
  private static final double[] NOISES = {0.003, 0.03, 0.2};
  private static final double[] PAIR_SHARES = {0, 0.7};

  enum Family {
    /** {@link Kernel}, its parameters by the likelihood. */
    COMPOSITE,
    /** {@link PairKernel}, its parameters by cross-validation. */
    RIDGE
  }

  /** The model that is expected before anything is known. */
  static Model prior(Encoding encoding) {
    Covariance covariance = new Kernel(encoding, Kernel.prior(encoding));
    return new Model(Family.COMPOSITE, Scale.Kind.WARPED, covariance, Double.NaN);
  }

  /** Of all families and scales those with the least error on these observations, at least two. */
  static Model chosen(Encoding encoding, List<Point> points, double[] values) {
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
    List<Model> models = new ArrayList<>();
    for (Family family : Family.values()) {
      for (Scale.Kind scale : Scale.Kind.values()) {
        models.add(fitted(encoding, family, scale, some, theirs));
      }
    }
    return models.stream().min(Comparator.comparingDouble(Model::error)).orElseThrow();
  }

  /** The model of one family on one scale. */
  static Model fitted(
      Encoding encoding, Family family, Scale.Kind kind, List<Point> points, double[] values) {
    Scale scale = kind.of(values);
    Covariance covariance =
        switch (family) {
          case COMPOSITE -> {
            KernelFit fit = new KernelFit(encoding, points, scale.scores());
            yield new Kernel(encoding, fit.ascend(Kernel.prior(encoding), FIT_STEPS));
          }
          case RIDGE -> ridge(encoding, points, scale.scores());
        };
    // Errors are compared on one scale for all.
    Warp common = new Warp(values);
    double[] predicted = new LeaveOneOut(encoding, covariance, points, scale.scores()).predicted();
    double sum = 0;
    for (int i = 0; i < predicted.length; i++) {
      sum += Math.abs(common.score(scale.value(predicted[i])) - common.scores()[i]);
    }
    return new Model(family, kind, covariance, sum / predicted.length);
  }

  private static Covariance ridge(Encoding encoding, List<Point> points, double[] scores) {
    Covariance best = new PairKernel(encoding, 1, 0.5, 0.1);
    double least = Double.POSITIVE_INFINITY;
    for (double share : PAIR_SHARES) {
      for (double noise : NOISES) {
        LeaveOneOut left =
            new LeaveOneOut(encoding, new PairKernel(encoding, 1, share, noise), points, scores);
        if (left.error() < least) {
          least = left.error();
          double factor = Math.max(left.likeliestFactor(), 1e-6);
          best = new PairKernel(encoding, factor, share, factor * noise);
        }
      }
    }
    return best;
  }
}
