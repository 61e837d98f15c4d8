package dev.lathe.space.program;

/**
 * A two-dimensional convolution, padded so that a stride of 1 keeps height and width.
 *
 * @param out output channels; 0 for one filter a channel (depthwise)
 * @param height of the kernel in pixels, odd
 * @param width of the kernel in pixels, odd
 * @param groups of channels that see only one another; ignored if depthwise
 * @param padded whether the image is padded; a patch embedding is not
 */
public record Conv(
    int out, int height, int width, int stride, int groups, boolean bias, boolean padded) {
  /** Every output sees every input channel. */
  public static Conv dense(int out, int kernel) {
    return new Conv(out, kernel, kernel, 1, 1, false, true);
  }

  /** Each channel has a filter of its own. */
  public static Conv depthwise(int kernel) {
    return depthwise(kernel, kernel);
  }

  /** Each channel has a filter of its own, [height, width]. */
  public static Conv depthwise(int height, int width) {
    return new Conv(0, height, width, 1, 1, false, true);
  }

  /** Patches that do not overlap, each to a vector. */
  public static Conv patches(int out, int side) {
    return new Conv(out, side, side, side, 1, true, false);
  }

  public Conv withStride(int step) {
    return new Conv(out, height, width, step, groups, bias, padded);
  }

  public Conv withGroups(int count) {
    return new Conv(out, height, width, stride, count, bias, padded);
  }

  public Conv withBias() {
    return new Conv(out, height, width, stride, groups, true, padded);
  }

  boolean isDepthwise() {
    return out == 0;
  }
}
