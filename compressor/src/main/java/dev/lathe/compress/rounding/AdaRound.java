package dev.lathe.compress.rounding;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Learns for each weight whether it is rounded up or down such that the layer's outputs change
 * least: tr((W − Wq) G (W − Wq)ᵀ) + λ Σ (1 − |2h − 1|^β), h a stretched sigmoid (Nagel et al.: Up
 * or Down? Adaptive Rounding for Post-Training Quantization, 2020, arXiv:2004.10568). The data term
 * needs the Gram matrix of the inputs only.
 */
public final class AdaRound {
  private static final double STRETCH_HIGH = 1.1;
  private static final double STRETCH_LOW = -0.1;
  private static final double RATE = 0.02;
  private static final double WARM_UP = 0.2;
  private static final double REGULARIZATION = 0.02;

  private AdaRound() {}

  /**
   * Rounds to a grid.
   *
   * @param weights rows × columns, row-major
   * @param gram columns × columns, row-major: XᵀX of the inputs
   * @param iterations of Adam
   * @return integers of the grid
   */
  public static int[] round(float[] weights, BlockGrid grid, double[] gram, int iterations) {
    int rows = grid.rows();
    int columns = grid.columns();
    int count = weights.length;
    double[] floors = new double[count];
    double[] logits = new double[count];
    double[] scales = new double[count];
    double signal = 0;
    for (int i = 0; i < count; i++) {
      scales[i] = grid.scale(i / columns, i % columns);
      double real = Math.clamp(weights[i] / scales[i], -grid.levels(), grid.levels());
      floors[i] = Math.floor(real);
      double share = Math.clamp(real - floors[i], 0.01, 0.99);
      double inner = (share - STRETCH_LOW) / (STRETCH_HIGH - STRETCH_LOW);
      logits[i] = -Math.log(1 / inner - 1);
      signal += scales[i] * scales[i] * gram[i % columns * columns + i % columns];
    }
    // The data term is scaled so that one step of rounding an average weight costs 1.
    double unit = signal / count;
    DMatrixRMaj g = DMatrixRMaj.wrap(columns, columns, gram);
    DMatrixRMaj difference = new DMatrixRMaj(rows, columns);
    DMatrixRMaj gradient = new DMatrixRMaj(rows, columns);
    double[] first = new double[count];
    double[] second = new double[count];
    for (int t = 1; t <= iterations; t++) {
      for (int i = 0; i < count; i++) {
        double quantized =
            Math.clamp(floors[i] + soft(logits[i]), -grid.levels(), grid.levels()) * scales[i];
        difference.data[i] = quantized - weights[i];
      }
      CommonOps_DDRM.mult(difference, g, gradient);
      double progress = (double) t / iterations;
      double beta = progress < WARM_UP ? 0 : 20 - 18 * (progress - WARM_UP) / (1 - WARM_UP);
      for (int i = 0; i < count; i++) {
        double sigmoid = 1 / (1 + Math.exp(-logits[i]));
        double stretched = sigmoid * (STRETCH_HIGH - STRETCH_LOW) + STRETCH_LOW;
        double slope =
            stretched <= 0 || stretched >= 1
                ? 0
                : sigmoid * (1 - sigmoid) * (STRETCH_HIGH - STRETCH_LOW);
        double total = 2 * gradient.data[i] * scales[i] / unit;
        if (beta > 0) {
          double centred = 2 * Math.clamp(stretched, 0, 1) - 1;
          total -=
              REGULARIZATION
                  * 2
                  * beta
                  * Math.signum(centred)
                  * Math.pow(Math.abs(centred), beta - 1);
        }
        double step = total * slope;
        first[i] = 0.9 * first[i] + 0.1 * step;
        second[i] = 0.999 * second[i] + 0.001 * step * step;
        double corrected = first[i] / (1 - Math.pow(0.9, t));
        double scale = Math.sqrt(second[i] / (1 - Math.pow(0.999, t))) + 1e-8;
        logits[i] -= RATE * corrected / scale;
      }
    }
    int[] integers = new int[count];
    for (int i = 0; i < count; i++) {
      double up = soft(logits[i]) >= 0.5 ? 1 : 0;
      integers[i] = (int) Math.clamp(floors[i] + up, -grid.levels(), grid.levels());
    }
    return integers;
  }

  private static double soft(double logit) {
    double stretched = (STRETCH_HIGH - STRETCH_LOW) / (1 + Math.exp(-logit)) + STRETCH_LOW;
    return Math.clamp(stretched, 0, 1);
  }
}
