package dev.lathe.compress;

import java.util.Set;

/**
 * How a model is quantized to 8-bit integers, or to 8-bit weights and 16-bit activations.
 *
 * @param calibrator how ranges of activations are chosen
 * @param weights how the range of each output channel's weights is chosen
 * @param equalize whether ranges of weights are balanced between consecutive layers first
 *     (cross-layer equalization, Nagel et al., arXiv:1906.04721)
 * @param correctBias whether the mean error that quantized weights make is taken out of the biases
 * @param reducedRange whether weights use 7 bits, for x86 processors without VNNI, whose 16-bit
 *     accumulators can otherwise overflow
 * @param floatNodes names of nodes that stay as they are; a node without a name goes by its first
 *     output
 * @param images the most items of the calibration data that are used, at least 1
 * @param activationBits 8 or 16
 */
public record Int8Options(
    Calibrator calibrator,
    WeightRange weights,
    boolean equalize,
    boolean correctBias,
    boolean reducedRange,
    Set<String> floatNodes,
    int images,
    int activationBits) {
  /** How the range of a channel's weights is chosen. */
  public enum WeightRange {
    /** The largest magnitude. */
    ABSOLUTE_MAXIMUM,
    /** The clipping with the least mean squared error. */
    MEAN_SQUARED_ERROR
  }

  /** What is good for most convolutional networks. */
  public static final Int8Options DEFAULT =
      new Int8Options(
          new Calibrator.MeanSquaredError(),
          WeightRange.ABSOLUTE_MAXIMUM,
          true,
          true,
          false,
          Set.of(),
          256,
          8);

  public Int8Options {
    floatNodes = Set.copyOf(floatNodes);
    if (images < 1) {
      throw new IllegalArgumentException("images must be at least 1, not %d.".formatted(images));
    }
    if (activationBits != 8 && activationBits != 16) {
      throw new IllegalArgumentException(
          "activationBits must be 8 or 16, not %d.".formatted(activationBits));
    }
  }

  public Int8Options withCalibrator(Calibrator calibrator) {
    return new Int8Options(
        calibrator,
        weights,
        equalize,
        correctBias,
        reducedRange,
        floatNodes,
        images,
        activationBits);
  }

  public Int8Options withFloatNodes(Set<String> names) {
    return new Int8Options(
        calibrator, weights, equalize, correctBias, reducedRange, names, images, activationBits);
  }

  public Int8Options withImages(int count) {
    return new Int8Options(
        calibrator,
        weights,
        equalize,
        correctBias,
        reducedRange,
        floatNodes,
        count,
        activationBits);
  }

  public Int8Options withActivationBits(int bits) {
    return new Int8Options(
        calibrator, weights, equalize, correctBias, reducedRange, floatNodes, images, bits);
  }

  public Int8Options withEqualize(boolean wanted) {
    return new Int8Options(
        calibrator, weights, wanted, correctBias, reducedRange, floatNodes, images, activationBits);
  }

  public Int8Options withCorrectBias(boolean wanted) {
    return new Int8Options(
        calibrator, weights, equalize, wanted, reducedRange, floatNodes, images, activationBits);
  }
}
