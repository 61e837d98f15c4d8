package dev.lathe.supernet.onnx;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Noise;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.Normalization;
import dev.lathe.data.Progress;
import dev.lathe.onnx.OnnxGraph;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Inputs for a model, from the command line: a data set ({@code builtin}, {@code folder:DIR}, …),
 * of which training images calibrate and test images judge, or {@code noise:COUNT}, Gaussian noise
 * that fits any model.
 *
 * @param data inputs to calibrate with
 * @param dataSet where the inputs are of labelled images
 * @param normalization of these images, as the model wants them
 */
public record CalibrationSource(
    CalibrationData data, Optional<DataSet> dataSet, Optional<Normalization> normalization) {
  private static final int IMAGES = 1000;
  private static final int TEST_IMAGES = 10_000;

  /** Opens a source for a model whose only symbolic dimension is the batch. */
  public static CalibrationSource open(String spec, OnnxGraph model, long seed) {
    return open(spec, model, seed, Map.of());
  }

  /**
   * Opens a source for a model.
   *
   * @param sizes of symbolic dimensions other than the batch, by name
   */
  public static CalibrationSource open(
      String spec, OnnxGraph model, long seed, Map<String, Long> sizes) {
    if (spec.equals("noise") || spec.startsWith("noise:")) {
      int count = spec.equals("noise") ? 64 : Integer.parseInt(spec.substring("noise:".length()));
      return new CalibrationSource(
          Noise.of(model, count, seed, sizes), Optional.empty(), Optional.empty());
    }
    DataSet dataSet =
        DataSets.load(
            spec,
            DataOptions.of(seed)
                .withResolution(ImageInput.side(model))
                .withAtMost(IMAGES, 100, TEST_IMAGES),
            Progress.none());
    ImageInput input = ImageInput.of(model, dataSet);
    return new CalibrationSource(
        input.calibration(dataSet.train()),
        Optional.of(dataSet),
        Optional.of(input.normalization()));
  }

  /** Top-1 accuracy on test images; empty for noise and for a model of other classes. */
  public OptionalDouble accuracy(OnnxGraph model) {
    if (dataSet.isEmpty()) {
      return OptionalDouble.empty();
    }
    return ImageAccuracy.of(
        model.toBytes(),
        dataSet.get().test(),
        normalization.orElseThrow(),
        dataSet.get().classes().size());
  }
}
