package dev.lathe.supernet.onnx;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.compress.CalibrationData;
import dev.lathe.data.Batches;
import dev.lathe.data.DataSet;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.ValueInfo;
import java.util.Arrays;

/**
 * How an ONNX model takes images.
 *
 * @param side their height and width
 * @param normalization of their pixels
 */
public record ImageInput(int side, Normalization normalization) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What a model wants: as its metadata say, or else as suits the data.
   *
   * @throws IllegalArgumentException if it takes no square colour images
   */
  public static ImageInput of(OnnxGraph model, DataSet data) {
    String preprocessing = model.metadata().get("lathe.preprocessing");
    return new ImageInput(
        side(model), preprocessing == null ? data.normalization() : normalization(preprocessing));
  }

  /**
   * The height and width of the images that a model takes.
   *
   * @throws IllegalArgumentException if it takes no square colour images
   */
  public static int side(OnnxGraph model) {
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

  private static Normalization normalization(String preprocessing) {
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

  /** Images of the model's size as inputs to calibrate with. */
  public CalibrationData calibration(LabelledImages images) {
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
}
