package dev.lathe.evolution.surrogate;

import dev.lathe.evolution.surrogate.Encoding.Point;

/** What a Gaussian process believes of two architectures before it has seen any. */
sealed interface Covariance permits Kernel, PairKernel {
  /** Covariance of the true scores of two architectures. */
  double of(Point left, Point right);

  /** Covariances of one architecture with many. */
  double[] row(Columns many, Point point);

  /** Variance of an architecture's true score; equal for all. */
  double variance();

  /** Variance of what is measured around the true score. */
  double noise();
}
