package dev.lathe.compress.codebook;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * In how many dimensions pieces of weights are clustered (d̃ of LR²VQ, arXiv:2211.11397), and into
 * how many clusters. In few dimensions more is lost by projecting, but an entry of the codebook
 * costs less, so that for the same bits there are more of them.
 *
 * @param dimension d̃, at most the length of a piece
 * @param clusters at most 256
 * @param error estimated, the sum of squares over all pieces
 */
record ClusteringDimension(int dimension, int clusters, double error) {
  private static final int MOST_CLUSTERS = 256;
  private static final int NUMBER_BITS = 32;

  /**
   * The choices of the least estimated errors among those that take no more bits than {@code
   * clusters} entries of whole length, best first.
   */
  static List<ClusteringDimension> best(double[] weights, int length, int clusters, int count) {
    long pieces = weights.length / length;
    double[] spectrum = spectrum(moments(weights, length), length);
    long budget = bits(pieces, length, length, clusters) - (long) length * length * NUMBER_BITS;
    List<ClusteringDimension> choices = new ArrayList<>();
    choices.add(new ClusteringDimension(length, clusters, estimate(spectrum, length, clusters)));
    for (int dimension = length - 1; dimension >= 1; dimension--) {
      int most = (int) Math.min(MOST_CLUSTERS, pieces);
      while (most > 1 && bits(pieces, length, dimension, most) > budget) {
        most--;
      }
      if (most > 1) {
        choices.add(new ClusteringDimension(dimension, most, estimate(spectrum, dimension, most)));
      }
    }
    choices.sort(Comparator.comparingDouble(ClusteringDimension::error));
    return choices.subList(0, Math.min(count, choices.size()));
  }

  private static long bits(long pieces, int length, int dimension, int clusters) {
    return pieces * VectorCode.codeBits(clusters)
        + (long) dimension * (clusters + length) * NUMBER_BITS;
  }

  /**
   * The error of projecting, which is exact, and of clustering, as for a Gaussian source: reverse
   * water-filling at log₂ k bits, times what a finite dimension loses on that bound at high rates
   * (Gersho: Asymptotically Optimal Block Quantization, 1979, doi:10.1109/TIT.1979.1056067).
   *
   * @param spectrum sums of squares along the principal directions, falling
   */
  static double estimate(double[] spectrum, int dimension, int clusters) {
    double rate = Math.log(clusters) / Math.log(2);
    double level = 0;
    int active = dimension;
    while (active > 0) {
      double logSum = 0;
      for (int i = 0; i < active; i++) {
        logSum += Math.log(Math.max(spectrum[i], 1e-300)) / Math.log(2);
      }
      level = Math.pow(2, (logSum - 2 * rate) / active);
      if (spectrum[active - 1] >= level) {
        break;
      }
      active--;
    }
    double error = 0;
    for (int i = 0; i < spectrum.length; i++) {
      error += i < dimension ? Math.min(spectrum[i], level * loss(active)) : spectrum[i];
    }
    return error;
  }

  /** 2π G_d ((d + 2) / d)^((d + 2) / 2), with the normalized second moment G_d of a ball. */
  private static double loss(int dimension) {
    double gamma = dimension % 2 == 0 ? 1 : Math.sqrt(Math.PI);
    for (double x = dimension % 2 == 0 ? 1 : 0.5; x <= dimension / 2.0; x++) {
      gamma *= x;
    }
    double moment = Math.pow(gamma, 2.0 / dimension) / ((dimension + 2) * Math.PI);
    return 2 * Math.PI * moment * Math.pow((dimension + 2.0) / dimension, (dimension + 2) / 2.0);
  }

  /** Sums of products of the entries of pieces, length × length. */
  static double[] moments(double[] weights, int length) {
    double[] moments = new double[length * length];
    for (int p = 0; p + length <= weights.length; p += length) {
      for (int a = 0; a < length; a++) {
        for (int b = 0; b < length; b++) {
          moments[a * length + b] += weights[p + a] * weights[p + b];
        }
      }
    }
    return moments;
  }

  private static double[] spectrum(double[] moments, int length) {
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(length, false, true);
    if (!eigen.decompose(DMatrixRMaj.wrap(length, length, moments.clone()))) {
      throw new ArithmeticException("the eigenvalues of a moment matrix did not converge");
    }
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[length - 1 - i] = Math.max(0, eigen.getEigenvalue(i).getReal());
    }
    Arrays.sort(values);
    for (int i = 0; i < length / 2; i++) {
      double held = values[i];
      values[i] = values[length - 1 - i];
      values[length - 1 - i] = held;
    }
    return values;
  }
}
