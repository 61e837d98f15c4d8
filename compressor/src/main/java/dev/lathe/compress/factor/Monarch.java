package dev.lathe.compress.factor;

/**
 * A Monarch matrix: two block-diagonal products with a permutation between them (Dao et al.:
 * Monarch: Expressive Structured Matrices for Efficient and Accurate Training, 2022,
 * arXiv:2204.00595). For an m × n matrix with n = k·i and m = l·j, row l·J + j and column k·I + i:
 * t[k, j] = Σ_i first[k, j, i] x[k·I + i], y[l·J + j] = Σ_k second[j, l, k] t[k, j].
 *
 * @param first k × j × i, row-major
 * @param second j × l × k, row-major
 * @param k blocks on the input side
 * @param i inputs of a block
 * @param j blocks on the output side
 * @param l outputs of a block
 */
public record Monarch(double[] first, double[] second, int k, int i, int j, int l) {
  /**
   * The Monarch matrix closest to a given one in the Frobenius norm: each of the k × j blocks of
   * size l × i is replaced by its best matrix of rank 1, which is the global optimum.
   *
   * @param matrix rows × columns, row-major
   * @param inputBlocks k, divides columns
   * @param outputBlocks j, divides rows
   */
  public static Monarch project(
      double[] matrix, int rows, int columns, int inputBlocks, int outputBlocks) {
    if (columns % inputBlocks != 0 || rows % outputBlocks != 0) {
      throw new IllegalArgumentException(
          "%d x %d blocks do not divide a %d x %d matrix. Maybe pad it."
              .formatted(outputBlocks, inputBlocks, rows, columns));
    }
    int i = columns / inputBlocks;
    int l = rows / outputBlocks;
    double[] first = new double[inputBlocks * outputBlocks * i];
    double[] second = new double[outputBlocks * l * inputBlocks];
    double[] block = new double[l * i];
    for (int k = 0; k < inputBlocks; k++) {
      for (int j = 0; j < outputBlocks; j++) {
        for (int row = 0; row < l; row++) {
          for (int column = 0; column < i; column++) {
            block[row * i + column] = matrix[(row * outputBlocks + j) * columns + k * i + column];
          }
        }
        Factors rankOne = Factors.of(block, l, i, 1);
        for (int column = 0; column < i; column++) {
          first[(k * outputBlocks + j) * i + column] = rankOne.right()[column];
        }
        for (int row = 0; row < l; row++) {
          second[(j * l + row) * inputBlocks + k] = rankOne.left()[row];
        }
      }
    }
    return new Monarch(first, second, inputBlocks, i, outputBlocks, l);
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
          double weight = second[(b * l + row) * k + a];
          for (int column = 0; column < i; column++) {
            out[(row * j + b) * columns + a * i + column] =
                weight * first[(a * j + b) * i + column];
          }
        }
      }
    }
    return out;
  }
}
