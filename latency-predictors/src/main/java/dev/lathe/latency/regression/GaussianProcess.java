package dev.lathe.latency.regression;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.decomposition.chol.CholeskyDecompositionInner_DDRM;
import org.ejml.dense.row.linsol.chol.LinearSolverChol_DDRM;

/**
 * Gaussian-process regression with a squared-exponential kernel of one length scale; length scale
 * and noise are those of a grid with the largest marginal likelihood (Rasmussen, Williams: Gaussian
 * Processes for Machine Learning, 2006, chapter 5). Inputs should be standardised, outputs near 0.
 */
public final class GaussianProcess {
  private static final double[] LENGTH_SCALES = {0.5, 1, 2, 4, 8};
  private static final double[] NOISES = {0.01, 0.03, 0.1, 0.3, 1, 3};

  private final double[][] inputs;
  private final double[] weights;
  private final double lengthScale;

  /** A process that was fitted before; the arrays are kept, not copied. */
  public GaussianProcess(double[][] inputs, double[] weights, double lengthScale) {
    this.inputs = inputs;
    this.weights = weights;
    this.lengthScale = lengthScale;
  }

  /** Fits inputs of shape [n][features] to n outputs. */
  public static GaussianProcess fit(double[][] inputs, double[] outputs) {
    int n = inputs.length;
    double bestLikelihood = Double.NEGATIVE_INFINITY;
    double bestLengthScale = 0;
    double[] bestWeights = new double[n];
    for (double lengthScale : LENGTH_SCALES) {
      DMatrixRMaj kernel = new DMatrixRMaj(n, n);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          double value = kernel(inputs[i], inputs[j], lengthScale);
          kernel.set(i, j, value);
          kernel.set(j, i, value);
        }
      }
      for (double noise : NOISES) {
        DMatrixRMaj noisy = kernel.copy();
        for (int i = 0; i < n; i++) {
          noisy.add(i, i, noise);
        }
        var decomposition = new CholeskyDecompositionInner_DDRM(true);
        var solver = new LinearSolverChol_DDRM(decomposition);
        if (!solver.setA(noisy)) {
          continue;
        }
        DMatrixRMaj solution = new DMatrixRMaj(n, 1);
        solver.solve(DMatrixRMaj.wrap(n, 1, outputs.clone()), solution);
        double quadratic = 0;
        double logDeterminant = 0;
        for (int i = 0; i < n; i++) {
          quadratic += outputs[i] * solution.get(i);
          logDeterminant += Math.log(decomposition.getT().get(i, i));
        }
        double likelihood = -0.5 * n * Math.log(quadratic / n + 1e-300) - logDeterminant;
        if (likelihood > bestLikelihood) {
          bestLikelihood = likelihood;
          bestLengthScale = lengthScale;
          bestWeights = solution.data;
        }
      }
    }
    return new GaussianProcess(inputs, bestWeights, bestLengthScale);
  }

  /** The mean of the process at an input. */
  public double predict(double[] input) {
    double sum = 0;
    for (int i = 0; i < inputs.length; i++) {
      sum += weights[i] * kernel(inputs[i], input, lengthScale);
    }
    return sum;
  }

  public double[][] inputs() {
    return inputs;
  }

  public double[] weights() {
    return weights;
  }

  public double lengthScale() {
    return lengthScale;
  }

  private static double kernel(double[] left, double[] right, double lengthScale) {
    double sum = 0;
    for (int f = 0; f < left.length; f++) {
      double difference = left[f] - right[f];
      sum += difference * difference;
    }
    return Math.exp(-sum / left.length / (2 * lengthScale * lengthScale));
  }
}
