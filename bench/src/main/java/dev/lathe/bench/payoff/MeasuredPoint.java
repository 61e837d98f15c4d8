package dev.lathe.bench.payoff;

/**
 * A file as it was judged.
 *
 * @param network by which its forms know each other
 * @param form in which it is written, for example {@code int8}
 * @param validationAccuracy of the file in ONNX Runtime on validation images, in [0, 1]
 * @param testAccuracy the same on test images
 * @param p50 median latency on the device in milliseconds, at one thread
 * @param bytes of the file
 */
record MeasuredPoint(
    String network,
    String form,
    double validationAccuracy,
    double testAccuracy,
    double p50,
    long bytes) {
  /** Test error and logarithm of the latency: what is judged. */
  double[] costs() {
    return new double[] {1 - testAccuracy, Math.log(p50)};
  }

  /** Validation error and logarithm of the latency: what may be chosen by. */
  double[] knownCosts() {
    return new double[] {1 - validationAccuracy, Math.log(p50)};
  }
}
