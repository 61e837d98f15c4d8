package dev.lathe.compress.fixed;

/** One step of a network in fixed point: tensors in, a tensor out. */
public sealed interface FixedLayer {
  /** What it makes. */
  FixedTensor output();

  /**
   * Where a window slides.
   *
   * @param height of the window
   * @param width of the window
   * @param strideY rows that it moves
   * @param strideX columns that it moves
   * @param top padding above
   * @param left padding on the left
   * @param dilationY rows between its rows
   * @param dilationX columns between its columns
   */
  record Window(
      int height,
      int width,
      int strideY,
      int strideX,
      int top,
      int left,
      int dilationY,
      int dilationX) {}

  /**
   * Products and sums: a convolution, or a matrix product as one of 1 × 1. The sum is rounded to
   * the output's format, then clamped.
   *
   * @param weights integers, [output channels, input channels / groups, height, width]
   * @param weightFormat of the weights, one binary point for all
   * @param bias integers at the sum's binary point: that of the input plus that of the weights
   * @param groups of channels
   * @param least of the output's integers, as an activation may set it
   * @param greatest of the output's integers
   */
  record Products(
      FixedTensor input,
      int[] weights,
      FixedFormat weightFormat,
      int[] bias,
      Window window,
      int groups,
      int least,
      int greatest,
      FixedTensor output)
      implements FixedLayer {
    /** Weights of one output channel. */
    public int fanIn() {
      return weights.length / output.channels();
    }

    /** Binary places that the sum has more than the output. */
    public int shift() {
      return input.format().fraction() + weightFormat.fraction() - output.format().fraction();
    }
  }

  /** The sum of two tensors, rounded and clamped. */
  record Sum(FixedTensor left, FixedTensor right, int least, int greatest, FixedTensor output)
      implements FixedLayer {}

  /** The mean of each channel, rounded. */
  record Mean(FixedTensor input, FixedTensor output) implements FixedLayer {}

  /** The greatest of each window; padding does not count. */
  record Maximum(FixedTensor input, Window window, FixedTensor output) implements FixedLayer {}

  /** A clamp of its own, with a format of its own. */
  record Clamped(FixedTensor input, int least, int greatest, FixedTensor output)
      implements FixedLayer {}
}
