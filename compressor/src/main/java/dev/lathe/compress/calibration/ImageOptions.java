package dev.lathe.compress.calibration;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How images become a model's input, as somebody says: {@code (pixel · scale − mean) / std} with
 * pixels from 0 to 255. What is left open comes from the model's metadata or the data.
 *
 * @param mean one value a channel, or one for all; in units of scaled pixels
 * @param std one value a channel, or one for all; above 0
 * @param scale 1/255 where it is left open
 * @param layout where the channels are
 */
public record ImageOptions(
    Optional<float[]> mean, Optional<float[]> std, OptionalDouble scale, Optional<Layout> layout) {
  /** Nothing said. */
  public static final ImageOptions NONE =
      new ImageOptions(
          Optional.empty(), Optional.empty(), OptionalDouble.empty(), Optional.empty());

  /** The order of an image's dimensions. */
  public enum Layout {
    /** Channels, height, width. */
    NCHW,
    /** Height, width, channels. */
    NHWC;

    /**
     * The layout of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Layout named(String name) {
      return switch (name.toUpperCase(Locale.ROOT)) {
        case "NCHW" -> NCHW;
        case "NHWC" -> NHWC;
        default ->
            throw new IllegalArgumentException(
                "there is no layout '%s'. Maybe nchw or nhwc.".formatted(name));
      };
    }
  }

  /** Whether anything is said of how pixels become numbers. */
  boolean saysNumbers() {
    return mean.isPresent() || std.isPresent() || scale.isPresent();
  }
}
