package dev.lathe.compress;

/**
 * Weights as signed bytes, symmetric, one scale an output channel.
 *
 * @param values in the order of the original tensor
 * @param scales one an output channel
 * @param sqnrDecibels signal to quantization noise
 */
record QuantizedWeights(byte[] values, float[] scales, double sqnrDecibels) {
  private static final int STEPS = 100;

  /**
   * Quantizes a node's weights.
   *
   * @param inputScale scale of the activation that they multiply: where a bias would not fit into
   *     32 bits at the product of the scales, the channel's scale is enlarged
   */
  static QuantizedWeights of(
      WeightedNode node, Int8Options.WeightRange range, boolean reduced, double inputScale) {
    int levels = reduced ? 64 : 127;
    byte[] values = new byte[node.weight().length];
    float[] scales = new float[node.channels()];
    double signal = 0;
    double noise = 0;
    for (int channel = 0; channel < scales.length; channel++) {
      float[] weights = node.channel(channel);
      double limit =
          switch (range) {
            case ABSOLUTE_MAXIMUM -> largest(weights);
            case MEAN_SQUARED_ERROR -> leastError(weights, levels);
          };
      float scale = (float) (limit / levels);
      if (node.bias().length > 0) {
        double needed = Math.abs(node.bias()[channel]) / (inputScale * (1 << 30));
        scale = Math.max(scale, (float) needed);
      }
      scales[channel] = scale < 1e-30f ? 1 : scale;
      Affine affine = new Affine(scales[channel], 0, -levels, levels);
      for (int k = 0; k < weights.length; k++) {
        int quantized = affine.quantize(weights[k]);
        values[node.index(channel, k)] = (byte) quantized;
        double error = weights[k] - affine.dequantize(quantized);
        signal += (double) weights[k] * weights[k];
        noise += error * error;
      }
    }
    return new QuantizedWeights(values, scales, Decibels.ratio(signal, noise));
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /** The clipping of symmetric quantization with the least squared error. */
  static double leastError(float[] values, int levels) {
    double whole = largest(values);
    double best = Double.POSITIVE_INFINITY;
    double chosen = whole;
    for (int step = 0; step < STEPS; step++) {
      double limit = whole * (1 - 0.8 * step / STEPS);
      Affine affine = Affine.symmetric(limit, levels);
      double error = 0;
      for (float value : values) {
        double difference = value - affine.round(value);
        error += difference * difference;
      }
      if (error < best) {
        best = error;
        chosen = limit;
      }
    }
    return chosen;
  }
}
