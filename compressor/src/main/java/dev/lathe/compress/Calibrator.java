package dev.lathe.compress;

/** How the range of an activation is chosen from what was seen of it. All of them stream. */
public sealed interface Calibrator {
  /** The least and the greatest value seen. */
  record MinMax() implements Calibrator {}

  /**
   * Moving averages of each batch's least and greatest value.
   *
   * @param weight of a new batch, in (0, 1]
   */
  record MovingAverage(double weight) implements Calibrator {
    public MovingAverage {
      if (!(weight > 0 && weight <= 1)) {
        throw new IllegalArgumentException(
            "weight of a moving average must be in (0, 1], not %s.".formatted(weight));
      }
    }
  }

  /**
   * Leaves out the outermost values.
   *
   * @param percent of values that stay inside, in (50, 100]; half of the rest is cut on either side
   */
  record Percentile(double percent) implements Calibrator {
    public Percentile {
      if (!(percent > 50 && percent <= 100)) {
        throw new IllegalArgumentException(
            "percent must be in (50, 100], not %s.".formatted(percent));
      }
    }
  }

  /**
   * The range whose quantized distribution has the least Kullback-Leibler divergence from the
   * original (Migacz: 8-bit inference with TensorRT, GTC 2017).
   */
  record Entropy() implements Calibrator {}

  /** The range with the least mean squared error of quantization. */
  record MeanSquaredError() implements Calibrator {}
}
