package dev.lathe.compress.factor;

/**
 * A Monarch matrix: two block-diagonal products with a permutation between them (Dao et al.:
 * Monarch: Expressive Structured Matrices for Efficient and Accurate Training, 2022,
 * arXiv:2204.00595). For an m × n matrix with n = k·i and m = l·j, row l·J + j and column k·I + i:
 * t[k, j, r] = Σ_i first[k, j, r, i] x[k·I + i], y[l·J + j] = Σ_k,r second[j, l, k, r] t[k, j, r].
 *
 * @param first k × j × rank × i, row-major
 * @param second j × l × k × rank, row-major
 * @param k blocks on the input side
 * @param i inputs of a block
 * @param j blocks on the output side
 * @param l outputs of a block
 * @param rank of each l × i block of the whole matrix
 */
public record Monarch(double[] first, double[] second, int k, int i, int j, int l, int rank) {
  /** As {@link #project(double[], int, int, int, int, int)} with rank 1. */
  public static Monarch project(
      double[] matrix, int rows, int columns, int inputBlocks, int outputBlocks) {
    return project(matrix, rows, columns, inputBlocks, outputBlocks, 1);
  }

  /**
   * The Monarch matrix closest to a given one in the Frobenius norm: each of the k × j blocks of
   * size l × i is replaced by its best matrix of a rank, which is the global optimum.
   *
   * @param matrix rows × columns, row-major
   * @param inputBlocks k, divides columns
   * @param outputBlocks j, divides rows
   * @param rank of each block, at most its smaller side
   */
  public static Monarch project(
      double[] matrix, int rows, int columns, int inputBlocks, int outputBlocks, int rank) {
    if (columns % inputBlocks != 0 || rows % outputBlocks != 0) {
      throw new IllegalArgumentException(
          "%d x %d blocks do not divide a %d x %d matrix. Maybe pad it."
              .formatted(outputBlocks, inputBlocks, rows, columns));
    }
    int i = columns / inputBlocks;
    int l = rows / outputBlocks;
    if (rank < 1 || rank > Math.min(i, l)) {
      throw new IllegalArgumentException(
          "rank must be 1 to %d for blocks of %d x %d, not %d."
              .formatted(Math.min(i, l), l, i, rank));
    }
    double[] first = new double[inputBlocks * outputBlocks * rank * i];
    double[] second = new double[outputBlocks * l * inputBlocks * rank];
    double[] block = new double[l * i];
    for (int k = 0; k < inputBlocks; k++) {
      for (int j = 0; j < outputBlocks; j++) {
        for (int row = 0; row < l; row++) {
          for (int column = 0; column < i; column++) {
            block[row * i + column] = matrix[(row * outputBlocks + j) * columns + k * i + column];
          }
        }
        Factors factors = Factors.of(block, l, i, rank);
        System.arraycopy(factors.right(), 0, first, (k * outputBlocks + j) * rank * i, rank * i);
        for (int row = 0; row < l; row++) {
          System.arraycopy(
              factors.left(), row * rank, second, ((j * l + row) * inputBlocks + k) * rank, rank);
        }
      }
    }
    return new Monarch(first, second, inputBlocks, i, outputBlocks, l, rank);
  }

  /** The numbers that it stores. */
  public int parameters() {
    return first.length + second.length;
  }

  /** The whole matrix, row-major. */
  public double[] dense() {
    int columns = k * i;
    double[] out = new double[l * j * columns];
    for (int a = 0; a < k; a++) {
      for (int b = 0; b < j; b++) {
        for (int row = 0; row < l; row++) {
          for (int r = 0; r < rank; r++) {
            double weight = second[((b * l + row) * k + a) * rank + r];
            int from = ((a * j + b) * rank + r) * i;
            int to = (row * j + b) * columns + a * i;
            for (int column = 0; column < i; column++) {
              out[to + column] += weight * first[from + column];
            }
          }
        }
      }
    }
    return out;
  }
}
