package dev.lathe.cli.compress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Noise;
import dev.lathe.data.Batches;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.data.Progress;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.ValueInfo;
import java.util.Arrays;
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
record CalibrationSource(
    CalibrationData data, Optional<DataSet> dataSet, Optional<Normalization> normalization) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int IMAGES = 1000;
  private static final int TEST_IMAGES = 10_000;

  /** Opens a source for a model whose only symbolic dimension is the batch. */
  static CalibrationSource open(String spec, OnnxGraph model, long seed) {
    return open(spec, model, seed, Map.of());
  }

  /**
   * Opens a source for a model.
   *
   * @param sizes of symbolic dimensions other than the batch, by name
   */
  static CalibrationSource open(String spec, OnnxGraph model, long seed, Map<String, Long> sizes) {
    if (spec.equals("noise") || spec.startsWith("noise:")) {
      int count = spec.equals("noise") ? 64 : Integer.parseInt(spec.substring("noise:".length()));
      return new CalibrationSource(
          Noise.of(model, count, seed, sizes), Optional.empty(), Optional.empty());
    }
    DataSet dataSet =
        DataSets.load(
            spec,
            DataOptions.of(seed).withResolution(side(model)).withAtMost(IMAGES, 100, TEST_IMAGES),
            Progress.none());
    Normalization normalization = normalization(model, dataSet);
    return new CalibrationSource(
        images(dataSet.train(), normalization), Optional.of(dataSet), Optional.of(normalization));
  }

  /**
   * The height and width of the images that a model takes.
   *
   * @throws IllegalArgumentException if it takes no square colour images
   */
  static int side(OnnxGraph model) {
    ValueInfo input = model.inputs().getFirst();
    long[] dims =
        input.shape().stream()
            .mapToLong(dimension -> dimension instanceof Dimension.Fixed(long size) ? size : 1)
            .toArray();
    if (dims.length != 4 || dims[1] != 3 || dims[2] != dims[3]) {
      throw new IllegalArgumentException(
          "images cannot be fed to input '%s' of shape %s. Maybe calibrate with noise:64."
              .formatted(input.name(), Arrays.toString(dims)));
    }
    return (int) dims[2];
  }

  /** How the model wants its pixels: as its metadata say, or else as suits the data. */
  static Normalization normalization(OnnxGraph model, DataSet data) {
    String preprocessing = model.metadata().get("lathe.preprocessing");
    if (preprocessing == null) {
      return data.normalization();
    }
    try {
      JsonNode json = JSON.readTree(preprocessing);
      return new Normalization(
          JSON.convertValue(json.required("mean"), float[].class),
          JSON.convertValue(json.required("std"), float[].class));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the model's metadata 'lathe.preprocessing' cannot be read: " + e.getMessage(), e);
    }
  }

  private static CalibrationData images(LabelledImages images, Normalization normalization) {
    return new CalibrationData() {
      @Override
      public int images() {
        return images.size();
      }

      @Override
      public float[] batch(int from, int to) {
        return Batches.of(images, from, to, normalization);
      }

      @Override
      public long[] shape(int n) {
        return new long[] {
          n, images.shape().channels(), images.shape().height(), images.shape().width()
        };
      }
    };
  }

  /** Top-1 accuracy on test images; empty for noise and for a model of other classes. */
  OptionalDouble accuracy(OnnxGraph model) {
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
