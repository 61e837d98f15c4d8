package dev.lathe.compress.codebook;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Moves codes and codebook such that the outputs of a layer change least, not its weights: piece w
 * that multiplies inputs of the Gram matrix G costs (w − c)ᵀ G (w − c). Each round assigns every
 * piece to its cheapest entry, then puts every entry where it is cheapest for its pieces (Stock et
 * al.: And the Bit Goes Down, 2019, arXiv:1907.05686). Products between different pieces of a row
 * are left out.
 */
public final class DataAwareCode {
  private static final double DAMPING = 1e-3;

  private final double[] weights;
  private final double[][] grams;
  private final int length;
  private final int dimension;
  private final double[] basis;
  private final int[] codes;
  private final double[] codebook;

  private DataAwareCode(VectorCode code, double[] weights, double[][] grams) {
    this.weights = weights;
    this.grams = grams;
    this.length = code.pieceLength();
    this.dimension = code.clusteringDimension();
    this.basis = code.basis().length == 0 ? identity(length) : code.basis();
    this.codes = code.codes().clone();
    this.codebook = code.codebook().clone();
  }

  /**
   * Refines a code.
   *
   * @param weights that it stands for; piece p multiplies inputs p mod (number of matrices)
   * @param grams m × m, row-major, of the inputs of each piece of a row
   * @param rounds at least 1
   */
  public static VectorCode refine(VectorCode code, double[] weights, double[][] grams, int rounds) {
    double[][] damped = new double[grams.length][];
    for (int b = 0; b < grams.length; b++) {
      damped[b] = damped(grams[b], code.pieceLength());
    }
    DataAwareCode refined = new DataAwareCode(code, weights, damped);
    for (int round = 0; round < rounds; round++) {
      refined.moveEntries();
      if (refined.assign() == 0) {
        break;
      }
    }
    return new VectorCode(
        refined.codes,
        refined.codebook,
        code.basis(),
        code.pieceLength(),
        code.clusteringDimension());
  }

  private static double[] identity(int size) {
    double[] out = new double[size * size];
    for (int i = 0; i < size; i++) {
      out[i * size + i] = 1;
    }
    return out;
  }

  private static double[] damped(double[] gram, int size) {
    double mean = 0;
    for (int i = 0; i < size; i++) {
      mean += gram[i * size + i] / size;
    }
    double[] out = gram.clone();
    for (int i = 0; i < size; i++) {
      out[i * size + i] += DAMPING * mean + 1e-12;
    }
    return out;
  }

  /** Entries as pieces of whole length. */
  private double[] decoded() {
    int clusters = codebook.length / dimension;
    double[] out = new double[clusters * length];
    for (int c = 0; c < clusters; c++) {
      for (int d = 0; d < dimension; d++) {
        double value = codebook[c * dimension + d];
        for (int a = 0; a < length; a++) {
          out[c * length + a] += value * basis[d * length + a];
        }
      }
    }
    return out;
  }

  /** Gives every piece its cheapest entry; the number of pieces that changed theirs. */
  private int assign() {
    double[] entries = decoded();
    int clusters = entries.length / length;
    int moved = 0;
    for (int block = 0; block < grams.length; block++) {
      double[] turned = new double[entries.length];
      double[] squares = new double[clusters];
      for (int c = 0; c < clusters; c++) {
        for (int a = 0; a < length; a++) {
          double sum = 0;
          for (int b = 0; b < length; b++) {
            sum += grams[block][a * length + b] * entries[c * length + b];
          }
          turned[c * length + a] = sum;
          squares[c] += sum * entries[c * length + a];
        }
      }
      for (int piece = block; piece < codes.length; piece += grams.length) {
        int best = cheapest(piece, turned, squares);
        moved += best == codes[piece] ? 0 : 1;
        codes[piece] = best;
      }
    }
    return moved;
  }

  private int cheapest(int piece, double[] turned, double[] squares) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int c = 0; c < squares.length; c++) {
      double cost = squares[c];
      for (int a = 0; a < length; a++) {
        cost -= 2 * weights[piece * length + a] * turned[c * length + a];
      }
      if (cost < least) {
        least = cost;
        best = c;
      }
    }
    return best;
  }

  /** c = (B Σ G Bᵀ)⁻¹ B Σ G w over the pieces of each entry; entries without pieces stay. */
  private void moveEntries() {
    int clusters = codebook.length / dimension;
    double[][] metrics = new double[clusters][];
    double[][] targets = new double[clusters][];
    for (int piece = 0; piece < codes.length; piece++) {
      int code = codes[piece];
      if (metrics[code] == null) {
        metrics[code] = new double[length * length];
        targets[code] = new double[length];
      }
      double[] gram = grams[piece % grams.length];
      for (int a = 0; a < length; a++) {
        for (int b = 0; b < length; b++) {
          metrics[code][a * length + b] += gram[a * length + b];
          targets[code][a] += gram[a * length + b] * weights[piece * length + b];
        }
      }
    }
    DMatrixRMaj b = DMatrixRMaj.wrap(dimension, length, basis);
    DMatrixRMaj half = new DMatrixRMaj(dimension, length);
    DMatrixRMaj metric = new DMatrixRMaj(dimension, dimension);
    DMatrixRMaj right = new DMatrixRMaj(dimension, 1);
    DMatrixRMaj entry = new DMatrixRMaj(dimension, 1);
    for (int c = 0; c < clusters; c++) {
      if (metrics[c] == null) {
        continue;
      }
      CommonOps_DDRM.mult(b, DMatrixRMaj.wrap(length, length, metrics[c]), half);
      CommonOps_DDRM.multTransB(half, b, metric);
      CommonOps_DDRM.mult(b, DMatrixRMaj.wrap(length, 1, targets[c]), right);
      if (CommonOps_DDRM.solve(metric, right, entry)) {
        System.arraycopy(entry.data, 0, codebook, c * dimension, dimension);
      }
    }
  }
}
