package dev.lathe.data.picture;

import java.util.Locale;

/**
 * Which part of a picture becomes a network's input, and how large.
 *
 * @param height rows of the input, in pixels
 * @param width columns of the input, in pixels
 * @param fit what is done with pictures of another aspect ratio
 * @param share of the largest part of the input's aspect ratio that is taken from the centre, in
 *     (0, 1]; 0.875 is the usual "resize to 256, crop to 224". Read only with {@link Fit#CROP}
 */
public record Framing(int height, int width, Fit fit, double share) {
  /** What is done with pictures of another aspect ratio. */
  public enum Fit {
    /** The largest centred part of the input's aspect ratio is taken. */
    CROP,
    /** The whole picture is taken, each direction scaled by itself. */
    RESIZE;

    /** The name in options and metadata. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Framing {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "an input of %d × %d pixels does not exist.".formatted(height, width));
    }
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "share %s of a picture must lie in (0, 1].".formatted(share));
    }
  }

  /** The largest centred square, as all data sets are read. */
  public static Framing square(int side) {
    return new Framing(side, side, Fit.CROP, 1);
  }

  /** The same of a picture that lies on its side. */
  Framing turned() {
    return new Framing(width, height, fit, share);
  }
}
