package dev.lathe.compress.calibration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.CompressionException;
import dev.lathe.compress.SingleInput;
import dev.lathe.compress.calibration.ImageOptions.Layout;
import dev.lathe.data.Batches;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.InputShapes;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * How a model takes images: {@code gain · pixel + offset} for each channel, pixels from 0 to 255.
 *
 * @param input the model's only input
 * @param type of its elements
 * @param layout order of its dimensions
 * @param channels 3, or 1 for grey
 * @param height in pixels
 * @param width in pixels
 * @param gain one value a channel
 * @param offset one value a channel
 */
public record ImageFeed(
    String input,
    ElementType type,
    Layout layout,
    int channels,
    int height,
    int width,
    float[] gain,
    float[] offset) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final float[] GREY = {0.299f, 0.587f, 0.114f};

  /**
   * Size and layout of a model's images; pixels are taken as they are.
   *
   * @throws CompressionException if it takes no images
   */
  public static ImageFeed of(OnnxGraph model, ImageOptions options) {
    if (model.inputs().size() != 1) {
      throw new CompressionException(
          "the model has %d inputs, images feed one. Maybe calibrate with npz:FILE, one array an input."
              .formatted(model.inputs().size()));
    }
    Map.Entry<String, TensorType> entry =
        InputShapes.of(model, model.assumed()).types(model, 1).entrySet().iterator().next();
    TensorType type = entry.getValue();
    Layout layout = type.rank() == 4 ? options.layout().orElse(layout(type)) : Layout.NCHW;
    int channels = type.rank() == 4 ? (int) type.dim(layout == Layout.NCHW ? 1 : 3) : 0;
    if (channels != 1 && channels != 3) {
      throw new CompressionException(
          "images cannot be fed to input '%s' of shape %s. Maybe calibrate with npz:FILE, or say --layout nhwc."
              .formatted(entry.getKey(), Arrays.toString(type.dims())));
    }
    int first = layout == Layout.NCHW ? 2 : 1;
    float[] ones = new float[channels];
    Arrays.fill(ones, 1);
    return new ImageFeed(
        entry.getKey(),
        type.type(),
        layout,
        channels,
        (int) type.dim(first),
        (int) type.dim(first + 1),
        ones,
        new float[channels]);
  }

  private static Layout layout(TensorType type) {
    boolean first = type.dim(1) == 3 || type.dim(1) == 1;
    boolean last = type.dim(3) == 3 || type.dim(3) == 1;
    return last && !first ? Layout.NHWC : Layout.NCHW;
  }

  /**
   * With the numbers that pixels become: as said, else as the model's metadata tell, else as suits
   * the data; bytes are taken as they are unless something is said.
   */
  public ImageFeed withNumbers(OnnxGraph model, ImageOptions options, Normalization ofData) {
    if (options.saysNumbers()) {
      double scale = options.scale().orElse(1 / 255.0);
      float[] mean = spread("--mean", options.mean().orElse(new float[] {0}));
      float[] std = spread("--std", options.std().orElse(new float[] {1}));
      float[] gains = new float[channels];
      float[] offsets = new float[channels];
      for (int c = 0; c < channels; c++) {
        if (!(std[c] > 0)) {
          throw new CompressionException("--std must be above 0, not %s.".formatted(std[c]));
        }
        gains[c] = (float) (scale / std[c]);
        offsets[c] = -mean[c] / std[c];
      }
      return with(gains, offsets);
    }
    String preprocessing = model.metadata().get("lathe.preprocessing");
    if (preprocessing == null && !type.isFloating()) {
      return this;
    }
    Normalization normalization = preprocessing == null ? ofData : normalization(preprocessing);
    float[] mean = spread("the mean", average(normalization.mean()));
    float[] std = spread("the standard deviation", average(normalization.std()));
    float[] gains = new float[channels];
    float[] offsets = new float[channels];
    for (int c = 0; c < channels; c++) {
      gains[c] = 1 / (255 * std[c]);
      offsets[c] = -mean[c] / std[c];
    }
    return with(gains, offsets);
  }

  private ImageFeed with(float[] gains, float[] offsets) {
    return new ImageFeed(input, type, layout, channels, height, width, gains, offsets);
  }

  private float[] average(float[] values) {
    if (channels != 1 || values.length == 1) {
      return values;
    }
    float sum = 0;
    for (int c = 0; c < values.length; c++) {
      sum += values[c] * GREY[Math.min(c, 2)];
    }
    return new float[] {sum};
  }

  private float[] spread(String what, float[] values) {
    if (values.length == channels) {
      return values;
    }
    if (values.length == 1) {
      float[] all = new float[channels];
      Arrays.fill(all, values[0]);
      return all;
    }
    throw new CompressionException(
        "%s has %d values, the model takes images of %d channels."
            .formatted(what, values.length, channels));
  }

  private static Normalization normalization(String preprocessing) {
    try {
      JsonNode json = JSON.readTree(preprocessing);
      return new Normalization(
          JSON.convertValue(json.required("mean"), float[].class),
          JSON.convertValue(json.required("std"), float[].class));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new CompressionException(
          "the model's metadata 'lathe.preprocessing' cannot be read: " + e.getMessage());
    }
  }

  /** For people: how pixels become the input. */
  public String described() {
    return "pixels 0-255 of %s images of %d x %d as %s %s: times %s plus %s"
        .formatted(
            channels == 1 ? "grey" : "colour",
            height,
            width,
            type,
            layout.name().toLowerCase(Locale.ROOT),
            Arrays.toString(gain),
            Arrays.toString(offset));
  }

  /**
   * The same as mean and standard deviation of pixel / 255, for colour images.
   *
   * @throws CompressionException for grey ones
   */
  public Normalization normalization() {
    if (channels != 3) {
      throw new CompressionException("the model takes grey images, these lessons have colours.");
    }
    float[] mean = new float[channels];
    float[] std = new float[channels];
    for (int c = 0; c < channels; c++) {
      std[c] = 1 / (255 * gain[c]);
      mean[c] = -offset[c] * std[c];
    }
    return new Normalization(mean, std);
  }

  /** Normalised images for any model of one single-precision input [n, c, h, w]. */
  public static SingleInput normalised(LabelledImages images, Normalization normalization) {
    return new SingleInput() {
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

  /** Images as inputs; they are brought to the model's size. */
  public CalibrationData data(LabelledImages images) {
    LabelledImages sized = images.resized(height, width);
    return new CalibrationData() {
      @Override
      public int images() {
        return sized.size();
      }

      @Override
      public Map<String, TensorValue> feed(OnnxGraph model, int from, int to) {
        return Map.of(input, tensor(sized, from, to));
      }
    };
  }

  private TensorValue tensor(LabelledImages images, int from, int to) {
    int pixels = height * width;
    int elements = Math.multiplyExact(to - from, channels * pixels);
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(elements, type.bits() / 8))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int image = from; image < to; image++) {
      byte[] bytes = images.pixels(image);
      for (int i = 0; i < channels * pixels; i++) {
        int channel = layout == Layout.NCHW ? i / pixels : i % channels;
        int pixel = layout == Layout.NCHW ? i % pixels : i / channels;
        put(out, gain[channel] * value(bytes, channel, pixel) + offset[channel]);
      }
    }
    long[] dims =
        layout == Layout.NCHW
            ? new long[] {to - from, channels, height, width}
            : new long[] {to - from, height, width, channels};
    return TensorValue.raw(input, type, out.array(), dims);
  }

  /** A pixel of one of three planes, or of all of them as the eye weighs them. */
  private float value(byte[] bytes, int channel, int pixel) {
    int plane = height * width;
    int planes = bytes.length / plane;
    if (channels == planes) {
      return bytes[channel * plane + pixel] & 0xff;
    }
    float sum = 0;
    for (int c = 0; c < 3; c++) {
      sum += GREY[c] * (bytes[Math.min(c, planes - 1) * plane + pixel] & 0xff);
    }
    return sum;
  }

  private void put(ByteBuffer out, float value) {
    switch (type) {
      case FLOAT -> out.putFloat(value);
      case DOUBLE -> out.putDouble(value);
      case FLOAT16 -> out.putShort(Float.floatToFloat16(value));
      case BFLOAT16 -> out.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
      case UINT8 -> out.put((byte) Math.clamp(Math.round(value), 0, 255));
      case INT8 -> out.put((byte) Math.clamp(Math.round(value), -128, 127));
      case INT32 -> out.putInt(Math.round(value));
      case INT64 -> out.putLong(Math.round(value));
      default ->
          throw new CompressionException(
              "input '%s' takes %s, which images cannot be.".formatted(input, type));
    }
  }
}
