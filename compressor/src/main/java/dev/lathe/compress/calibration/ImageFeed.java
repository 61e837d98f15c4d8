package dev.lathe.compress.calibration;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.CompressionException;
import dev.lathe.compress.SingleInput;
import dev.lathe.compress.calibration.ImageOptions.Layout;
import dev.lathe.data.Batches;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.data.picture.Framing;
import dev.lathe.data.picture.Preprocessing;
import dev.lathe.data.picture.Preprocessing.ChannelOrder;
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
import java.util.Optional;

/**
 * How a model takes images: {@code (pixel · scale − mean) / std} for each channel, pixels from 0 to
 * 255, as {@link Preprocessing} has it.
 *
 * @param input the model's only input
 * @param type of its elements
 * @param layout order of its dimensions
 * @param channels 3, or 1 for grey
 * @param framing which part of a picture is taken, and how large
 * @param order of the colours
 * @param scale by which pixels are multiplied
 * @param mean one value a channel
 * @param std one value a channel
 */
public record ImageFeed(
    String input,
    ElementType type,
    Layout layout,
    int channels,
    Framing framing,
    ChannelOrder order,
    double scale,
    float[] mean,
    float[] std) {
  private static final float[] GREY = {0.299f, 0.587f, 0.114f};

  /** Rows of the images, in pixels. */
  public int height() {
    return framing.height();
  }

  /** Columns of the images, in pixels. */
  public int width() {
    return framing.width();
  }

  /**
   * Size, layout and framing of a model's images, as its metadata tell where nothing is said;
   * pixels are taken as they are.
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
    Optional<Preprocessing> said = said(model);
    Layout layout =
        type.rank() == 4
            ? options
                .layout()
                .or(() -> said.map(own -> Layout.named(own.layout().name())))
                .orElseGet(() -> layout(type))
            : Layout.NCHW;
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
        new Framing(
            (int) type.dim(first),
            (int) type.dim(first + 1),
            said.map(own -> own.framing().fit()).orElse(Framing.Fit.CROP),
            said.map(own -> own.framing().share()).orElse(1.0)),
        said.map(Preprocessing::order).orElse(ChannelOrder.RGB),
        1,
        new float[channels],
        ones);
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
      float[] stds = spread("--std", options.std().orElse(new float[] {1}));
      for (float one : stds) {
        if (!(one > 0)) {
          throw new CompressionException("--std must be above 0, not %s.".formatted(one));
        }
      }
      return with(
          options.scale().orElse(1 / 255.0),
          spread("--mean", options.mean().orElse(new float[] {0})),
          stds);
    }
    Optional<Preprocessing> said = said(model);
    if (said.isEmpty() && !type.isFloating()) {
      return this;
    }
    return with(
        said.map(Preprocessing::scale).orElse(1 / 255.0),
        spread("the mean", average(said.map(Preprocessing::mean).orElse(ofData.mean()))),
        spread(
            "the standard deviation", average(said.map(Preprocessing::std).orElse(ofData.std()))));
  }

  private ImageFeed with(double scales, float[] means, float[] stds) {
    return new ImageFeed(input, type, layout, channels, framing, order, scales, means, stds);
  }

  private static Optional<Preprocessing> said(OnnxGraph model) {
    try {
      return Optional.ofNullable(model.metadata().get(Preprocessing.KEY)).map(Preprocessing::parse);
    } catch (IllegalArgumentException e) {
      throw new CompressionException(String.valueOf(e.getMessage()));
    }
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

  /** For people: how pixels become the input. */
  public String described() {
    return "pixels 0-255 of %s images of %d x %d%s as %s %s: (pixel * %s - %s) / %s"
        .formatted(
            channels == 1 ? "grey" : order == ChannelOrder.BGR ? "blue-green-red" : "colour",
            height(),
            width(),
            framing.fit() == Framing.Fit.RESIZE
                ? ", squeezed"
                : framing.share() < 1 ? ", the middle %s of each".formatted(framing.share()) : "",
            type,
            layout.name().toLowerCase(Locale.ROOT),
            (float) scale,
            Arrays.toString(mean),
            Arrays.toString(std));
  }

  /**
   * The same as mean and standard deviation of pixel / 255, for colour images.
   *
   * @throws CompressionException for others
   */
  public Normalization normalization() {
    if (channels != 3 || order != ChannelOrder.RGB) {
      throw new CompressionException(
          "these lessons have red, green and blue; the model takes %s."
              .formatted(channels == 3 ? "blue first" : "grey images"));
    }
    float[] means = new float[channels];
    float[] stds = new float[channels];
    for (int c = 0; c < channels; c++) {
      means[c] = (float) (mean[c] / (255 * scale));
      stds[c] = (float) (std[c] / (255 * scale));
    }
    return new Normalization(means, stds);
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
    LabelledImages sized = images.resized(height(), width());
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
    int pixels = height() * width();
    int elements = Math.multiplyExact(to - from, channels * pixels);
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(elements, type.bits() / 8))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int image = from; image < to; image++) {
      byte[] bytes = images.pixels(image);
      for (int i = 0; i < channels * pixels; i++) {
        int channel = layout == Layout.NCHW ? i / pixels : i % channels;
        int pixel = layout == Layout.NCHW ? i % pixels : i / channels;
        put(
            out,
            Preprocessing.value(value(bytes, channel, pixel), scale, mean[channel], std[channel]));
      }
    }
    long[] dims =
        layout == Layout.NCHW
            ? new long[] {to - from, channels, height(), width()}
            : new long[] {to - from, height(), width(), channels};
    return TensorValue.raw(input, type, out.array(), dims);
  }

  /** A pixel of one of three planes, or of all of them as the eye weighs them. */
  private float value(byte[] bytes, int channel, int pixel) {
    int plane = height() * width();
    int planes = bytes.length / plane;
    if (channels == planes) {
      int from = order == ChannelOrder.BGR ? channels - 1 - channel : channel;
      return bytes[from * plane + pixel] & 0xff;
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
