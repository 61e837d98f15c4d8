package dev.lathe.compress.fixed;

/**
 * Weights in fixed point.
 *
 * @param integers in the order of the weights
 * @param format with the binary point of the least squared error
 */
record FixedWeights(int[] integers, FixedFormat format) {
  private static final int POINTS = 5;

  static FixedWeights of(float[] weights, int bits, int hot) {
    double largest = 0;
    for (float weight : weights) {
      largest = Math.max(largest, Math.abs(weight));
    }
    int reach = (1 << bits - 1) - 1;
    int[] nearest = hot == 0 ? new int[0] : SignedDigits.nearest(reach, hot);
    if (largest == 0) {
      return at(weights, bits, FixedFormat.FRACTION_OF_ZEROS, nearest);
    }
    int whole = bits - 1 - Math.getExponent(largest) - 1;
    FixedWeights best = at(weights, bits, whole, nearest);
    for (int fraction = whole + 1; fraction < whole + POINTS; fraction++) {
      FixedWeights next = at(weights, bits, fraction, nearest);
      if (next.squaredError(weights) < best.squaredError(weights)) {
        best = next;
      }
    }
    return best;
  }

  private static FixedWeights at(float[] weights, int bits, int fraction, int[] nearest) {
    FixedFormat format = new FixedFormat(bits, fraction, true);
    int reach = format.greatest();
    int[] integers = new int[weights.length];
    for (int i = 0; i < integers.length; i++) {
      int value = Math.max(-reach, format.quantize(weights[i]));
      integers[i] = nearest.length == 0 ? value : nearest[value + reach];
    }
    return new FixedWeights(integers, format);
  }

  private double squaredError(float[] weights) {
    double error = 0;
    for (int i = 0; i < weights.length; i++) {
      double difference = weights[i] - integers[i] * format.step();
      error += difference * difference;
    }
    return error;
  }
}
