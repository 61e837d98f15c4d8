package dev.lathe.compress.codebook;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Clusters vectors around centroids (Lloyd's algorithm). An empty cluster takes over half of the
 * most populous one: its centroid is put beside that one's.
 *
 * @param centroids clusters × dimension, row-major
 * @param codes the cluster of each vector
 * @param dimension of the vectors
 * @param error sum of squared distances
 */
public record KMeans(double[] centroids, int[] codes, int dimension, double error) {
  private static final double SPLIT = 1e-4;

  /**
   * Clusters.
   *
   * @param vectors count × dimension, row-major
   * @param clusters at least 1; no more than vectors are made
   * @param iterations at least 1; ends earlier when nothing moves
   */
  public static KMeans cluster(
      double[] vectors, int dimension, int clusters, int iterations, RandomGenerator random) {
    int count = vectors.length / dimension;
    int k = Math.min(clusters, count);
    double[] centroids = distinctStart(vectors, dimension, k, random);
    int[] codes = new int[count];
    Arrays.fill(codes, -1);
    double error = 0;
    for (int iteration = 0; iteration < iterations; iteration++) {
      int moved = 0;
      error = 0;
      for (int v = 0; v < count; v++) {
        int nearest = nearest(vectors, v * dimension, centroids, dimension);
        error += distance(vectors, v * dimension, centroids, nearest * dimension, dimension);
        if (nearest != codes[v]) {
          codes[v] = nearest;
          moved++;
        }
      }
      if (moved == 0) {
        break;
      }
      if (iteration < iterations - 1) {
        centroids = means(vectors, codes, k, dimension, centroids, random);
      }
    }
    return new KMeans(centroids, codes, dimension, error);
  }

  /** Distinct vectors drawn at random; where there are too few, some are drawn twice. */
  private static double[] distinctStart(
      double[] vectors, int dimension, int k, RandomGenerator random) {
    int count = vectors.length / dimension;
    int[] order = new int[count];
    Arrays.setAll(order, i -> i);
    double[] centroids = new double[k * dimension];
    for (int i = 0; i < k; i++) {
      int pick = random.nextInt(i, count);
      int chosen = order[pick];
      order[pick] = order[i];
      System.arraycopy(vectors, chosen * dimension, centroids, i * dimension, dimension);
    }
    return centroids;
  }

  private static double[] means(
      double[] vectors,
      int[] codes,
      int k,
      int dimension,
      double[] before,
      RandomGenerator random) {
    double[] sums = new double[k * dimension];
    int[] sizes = new int[k];
    for (int v = 0; v < codes.length; v++) {
      sizes[codes[v]]++;
      for (int d = 0; d < dimension; d++) {
        sums[codes[v] * dimension + d] += vectors[v * dimension + d];
      }
    }
    for (int c = 0; c < k; c++) {
      for (int d = 0; d < dimension; d++) {
        sums[c * dimension + d] =
            sizes[c] == 0 ? before[c * dimension + d] : sums[c * dimension + d] / sizes[c];
      }
    }
    for (int c = 0; c < k; c++) {
      if (sizes[c] > 0) {
        continue;
      }
      int largest = 0;
      for (int other = 1; other < k; other++) {
        largest = sizes[other] > sizes[largest] ? other : largest;
      }
      for (int d = 0; d < dimension; d++) {
        double centre = sums[largest * dimension + d];
        double offset = SPLIT * (Math.abs(centre) + 1e-8) * random.nextGaussian();
        sums[c * dimension + d] = centre + offset;
        sums[largest * dimension + d] = centre - offset;
      }
      sizes[c] = sizes[largest] / 2;
      sizes[largest] -= sizes[c];
    }
    return sums;
  }

  private static int nearest(double[] vectors, int at, double[] centroids, int dimension) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int c = 0; c * dimension < centroids.length; c++) {
      double distance = 0;
      for (int d = 0; d < dimension && distance < least; d++) {
        double difference = vectors[at + d] - centroids[c * dimension + d];
        distance += difference * difference;
      }
      if (distance < least) {
        least = distance;
        best = c;
      }
    }
    return best;
  }

  private static double distance(double[] a, int atA, double[] b, int atB, int dimension) {
    double sum = 0;
    for (int d = 0; d < dimension; d++) {
      double difference = a[atA + d] - b[atB + d];
      sum += difference * difference;
    }
    return sum;
  }
}
