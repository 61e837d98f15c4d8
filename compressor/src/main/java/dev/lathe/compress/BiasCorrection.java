package dev.lathe.compress;

/**
 * Takes the mean error that quantized weights make out of the bias: with E[x] the mean of each
 * input channel on calibration data, delta[o] = Σ (W − Wq)[o, k] E[x of k] (Nagel et al.,
 * arXiv:1906.04721, §4.2). Padding is taken as if it had the mean too.
 */
final class BiasCorrection {
  private BiasCorrection() {}

  /** The corrected bias of a node. */
  static float[] correct(WeightedNode node, QuantizedWeights weights, double[] inputMeans) {
    float[] bias = node.bias().clone();
    for (int channel = 0; channel < bias.length; channel++) {
      double shift = 0;
      for (int k = 0; k < node.fanIn(); k++) {
        int at = node.index(channel, k);
        double error =
            node.weight()[at] - (double) weights.scales()[channel] * weights.values()[at];
        shift += error * inputMeans[node.inputChannel(channel, k)];
      }
      bias[channel] += (float) shift;
    }
    return bias;
  }
}
