package dev.lathe.compress.codebook;

import dev.lathe.compress.factor.Factors;
import java.util.Comparator;
import java.util.random.RandomGenerator;

/**
 * A matrix as codes into a small table: its rows are cut into pieces of length m, and piece r is
 * codebook[codes[r]] · basis. With the identity as basis this is plain vector quantization (Stock
 * et al., arXiv:1907.05686); with a basis of d &lt; m rows it is LR²VQ, which clusters the
 * coefficients in a space of few dimensions (Zhu et al.: Learning Low-Rank Representations for
 * Model Compression, 2022, arXiv:2211.11397).
 *
 * @param codes one a piece
 * @param codebook clusters × d, row-major
 * @param basis d × m, row-major; empty stands for the identity
 * @param pieceLength m
 * @param clusteringDimension d
 */
public record VectorCode(
    int[] codes, double[] codebook, double[] basis, int pieceLength, int clusteringDimension) {
  private static final int ITERATIONS = 25;
  private static final int CANDIDATES = 3;

  /**
   * Plain vector quantization.
   *
   * @param weights any number of pieces, one after the other
   */
  public static VectorCode plain(
      double[] weights, int pieceLength, int clusters, RandomGenerator random) {
    KMeans found = KMeans.cluster(weights, pieceLength, clusters, ITERATIONS, random);
    return new VectorCode(
        found.codes(), found.centroids(), new double[0], pieceLength, pieceLength);
  }

  /** LR²VQ with a given clustering dimension: pieces ≈ L · B, the rows of L clustered. */
  public static VectorCode lowRank(
      double[] weights, int pieceLength, int dimension, int clusters, RandomGenerator random) {
    int pieces = weights.length / pieceLength;
    Factors factors = orthonormal(weights, pieces, pieceLength, dimension);
    KMeans found = KMeans.cluster(factors.left(), dimension, clusters, ITERATIONS, random);
    return new VectorCode(
        found.codes(), found.centroids(), factors.right(), pieceLength, dimension);
  }

  /**
   * LR²VQ of no more bits than plain vector quantization with {@code clusters} takes. Of the three
   * clustering dimensions with the least estimated errors, that with the least error.
   */
  public static VectorCode lowRank(
      double[] weights, int pieceLength, int clusters, RandomGenerator random) {
    return ClusteringDimension.best(weights, pieceLength, clusters, CANDIDATES).stream()
        .map(
            choice ->
                choice.dimension() == pieceLength
                    ? plain(weights, pieceLength, clusters, random)
                    : lowRank(weights, pieceLength, choice.dimension(), choice.clusters(), random))
        .min(Comparator.comparingDouble(code -> code.squaredError(weights)))
        .orElseThrow();
  }

  /** L = W V and B = Vᵀ with the first right singular vectors: B keeps lengths. */
  private static Factors orthonormal(double[] weights, int pieces, int length, int rank) {
    double[] gram = ClusteringDimension.moments(weights, length);
    Factors directions = Factors.of(gram, length, length, rank);
    double[] basis = directions.right().clone();
    for (int r = 0; r < rank; r++) {
      double norm = 0;
      for (int a = 0; a < length; a++) {
        norm += basis[r * length + a] * basis[r * length + a];
      }
      double scale = norm == 0 ? 0 : 1 / Math.sqrt(norm);
      for (int a = 0; a < length; a++) {
        basis[r * length + a] *= scale;
      }
    }
    double[] left = new double[pieces * rank];
    for (int p = 0; p < pieces; p++) {
      for (int r = 0; r < rank; r++) {
        for (int a = 0; a < length; a++) {
          left[p * rank + r] += weights[p * length + a] * basis[r * length + a];
        }
      }
    }
    return new Factors(left, basis, rank);
  }

  /** The weights that the code stands for. */
  public double[] decode() {
    double[] out = new double[codes.length * pieceLength];
    for (int p = 0; p < codes.length; p++) {
      int row = codes[p] * clusteringDimension;
      for (int a = 0; a < pieceLength; a++) {
        double sum = basis.length == 0 ? codebook[row + a] : 0;
        for (int d = 0; d < clusteringDimension && basis.length > 0; d++) {
          sum += codebook[row + d] * basis[d * pieceLength + a];
        }
        out[p * pieceLength + a] = sum;
      }
    }
    return out;
  }

  /** The sum of squared differences from the weights. */
  public double squaredError(double[] weights) {
    double[] decoded = decode();
    double error = 0;
    for (int i = 0; i < weights.length; i++) {
      double difference = weights[i] - decoded[i];
      error += difference * difference;
    }
    return error;
  }

  /** Clusters of the codebook. */
  public int clusters() {
    return codebook.length / clusteringDimension;
  }

  /** Bits of codes of the least length, codebook and basis with numbers of {@code numberBits}. */
  public long bits(int numberBits) {
    return (long) codes.length * codeBits(clusters())
        + (long) (codebook.length + basis.length) * numberBits;
  }

  /** Bits of a code that tells so many clusters apart. */
  static int codeBits(int clusters) {
    return clusters <= 1 ? 0 : 32 - Integer.numberOfLeadingZeros(clusters - 1);
  }
}
