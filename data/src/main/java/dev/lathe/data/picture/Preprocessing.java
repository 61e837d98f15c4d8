package dev.lathe.data.picture;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.data.DataException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * How a picture file becomes a network's input; as JSON, what a network's metadata promise. In
 * order: the picture is turned upright by its Exif tag, laid on white, grey ones repeated; the part
 * that the framing takes is averaged over areas where it shrinks, interpolated bilinearly between
 * pixel centres where it grows, and rounded to bytes; then {@code (pixel × scale − mean) / std}.
 *
 * @param framing which part, and how large
 * @param layout of the input
 * @param order of the colour planes
 * @param scale by which bytes are multiplied
 * @param mean one value a channel, after scaling
 * @param std one value a channel, after scaling, above 0
 */
public record Preprocessing(
    Framing framing, Layout layout, ChannelOrder order, double scale, float[] mean, float[] std) {
  /** The key of the metadata. */
  public static final String KEY = "lathe.preprocessing";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CHANNELS = 3;

  /** Where the channels stand. */
  public enum Layout {
    /** [n, c, h, w]. */
    NCHW,
    /** [n, h, w, c]. */
    NHWC
  }

  /** Which colour comes first. */
  public enum ChannelOrder {
    /** Red, green, blue. */
    RGB,
    /** Blue, green, red. */
    BGR
  }

  public Preprocessing {
    if (mean.length != CHANNELS || std.length != CHANNELS) {
      throw new IllegalArgumentException(
          "%d means and %d standard deviations; pictures need three of each."
              .formatted(mean.length, std.length));
    }
    for (float value : std) {
      if (!(value > 0)) {
        throw new IllegalArgumentException(
            "standard deviation %s is not above 0.".formatted(value));
      }
    }
    mean = mean.clone();
    std = std.clone();
  }

  /** As all data sets are read: the largest centred square, [n, 3, h, w]. */
  public static Preprocessing of(int side, float[] mean, float[] std) {
    return new Preprocessing(
        Framing.square(side), Layout.NCHW, ChannelOrder.RGB, 1 / 255.0, mean, std);
  }

  @Override
  public float[] mean() {
    return mean.clone();
  }

  @Override
  public float[] std() {
    return std.clone();
  }

  /** What a pixel of 0 to 255 becomes: the one formula for training, judging and deployment. */
  public static float value(double pixel, double scale, float mean, float std) {
    return (float) ((pixel * scale - mean) / std);
  }

  /** The shape of an input of so many pictures. */
  public long[] shape(long pictures) {
    return layout == Layout.NCHW
        ? new long[] {pictures, CHANNELS, framing.height(), framing.width()}
        : new long[] {pictures, framing.height(), framing.width(), CHANNELS};
  }

  /**
   * The input that a picture file becomes.
   *
   * @param input receives the values of one picture from {@code offset}
   * @throws DataException naming the file if it cannot be read
   */
  public void prepare(PictureDecoder decoder, Path picture, float[] input, int offset) {
    int plane = framing.height() * framing.width();
    byte[] pixels = new byte[CHANNELS * plane];
    decoder.decode(picture, framing, pixels, 0);
    for (int c = 0; c < CHANNELS; c++) {
      int from = order == ChannelOrder.RGB ? c : CHANNELS - 1 - c;
      for (int i = 0; i < plane; i++) {
        float value = value(pixels[from * plane + i] & 0xff, scale, mean[c], std[c]);
        input[offset + (layout == Layout.NCHW ? c * plane + i : i * CHANNELS + c)] = value;
      }
    }
  }

  /** As the metadata hold it. */
  public String toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("height", framing.height()).put("width", framing.width());
    json.put("orientation", "exif");
    json.put("fit", framing.fit().label()).put("share", framing.share());
    json.put("filter", "area").put("filterWhereItGrows", "bilinear").put("rounding", "nearest");
    json.put("channelOrder", order.name()).put("grey", "repeated").put("alpha", "on white");
    json.put("layout", layout.name()).put("scale", scale);
    json.set("mean", JSON.valueToTree(mean));
    json.set("std", JSON.valueToTree(std));
    json.put("formula", "(pixel * scale - mean) / std");
    return json.toString();
  }

  /**
   * Reads metadata; what older files do not say is as it was when they were written.
   *
   * @throws IllegalArgumentException naming what is missing or wrong
   */
  public static Preprocessing parse(String text) {
    try {
      JsonNode json = JSON.readTree(text);
      if (!json.isObject()) {
        throw new IllegalArgumentException("it is no JSON object.");
      }
      return new Preprocessing(
          new Framing(
              pixels(json, "height"),
              pixels(json, "width"),
              choice(json, "fit", Framing.Fit.CROP),
              json.path("share").asDouble(1)),
          choice(json, "layout", Layout.NCHW),
          choice(json, "channelOrder", ChannelOrder.RGB),
          json.path("scale").asDouble(1 / 255.0),
          threeNumbers(json, "mean"),
          threeNumbers(json, "std"));
    } catch (JsonProcessingException e) {
      throw unread("it is no JSON: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw unread(String.valueOf(e.getMessage()), e);
    }
  }

  private static IllegalArgumentException unread(String why, Exception cause) {
    return new IllegalArgumentException(
        "the model's metadata '%s' cannot be read: %s Maybe write it as {\"height\": 224, \"width\": 224, \"mean\": [R, G, B], \"std\": [R, G, B]}, or remove it from the model."
            .formatted(KEY, why.endsWith(".") ? why : why + "."),
        cause);
  }

  private static int pixels(JsonNode json, String field) {
    JsonNode value = json.path(field);
    if (!value.isIntegralNumber() || value.asInt() < 1) {
      throw wrong(field, value, "the pixels of the input, a whole number from 1");
    }
    return value.asInt();
  }

  private static float[] threeNumbers(JsonNode json, String field) {
    JsonNode values = json.path(field);
    float[] numbers = new float[CHANNELS];
    boolean good = values.isArray() && values.size() == CHANNELS;
    for (int c = 0; good && c < CHANNELS; c++) {
      good = values.get(c).isNumber();
      numbers[c] = values.get(c).floatValue();
    }
    if (!good) {
      throw wrong(field, values, "three numbers, one a channel");
    }
    return numbers;
  }

  private static <E extends Enum<E>> E choice(JsonNode json, String field, E otherwise) {
    JsonNode value = json.path(field);
    if (value.isMissingNode()) {
      return otherwise;
    }
    E[] all = otherwise.getDeclaringClass().getEnumConstants();
    for (E one : all) {
      if (one.name().equalsIgnoreCase(value.asText())) {
        return one;
      }
    }
    throw wrong(field, value, "one of " + Arrays.toString(all).toLowerCase(Locale.ROOT));
  }

  private static IllegalArgumentException wrong(String field, JsonNode value, String wanted) {
    return new IllegalArgumentException(
        value.isMissingNode()
            ? "'%s' is missing; it must be %s.".formatted(field, wanted)
            : "'%s' is %s; it must be %s.".formatted(field, value, wanted));
  }
}
