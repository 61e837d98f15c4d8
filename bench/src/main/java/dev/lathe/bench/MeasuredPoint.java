package dev.lathe.bench;

/**
 * A file as it was judged.
 *
 * @param network by which its forms know each other
 * @param form in which it is written, for example {@code int8}
 * @param testAccuracy of the file in ONNX Runtime on test images, in [0, 1]
 * @param p50 median latency on the device in milliseconds, at one thread
 * @param bytes of the file
 */
record MeasuredPoint(String network, String form, double testAccuracy, double p50, long bytes) {
  /** Test error and logarithm of the latency: what a front makes small. */
  double[] costs() {
    return new double[] {1 - testAccuracy, Math.log(p50)};
  }
}
