package dev.lathe.data;

/**
 * How hard the built-in images are to tell apart.
 *
 * @param minRadius smallest radius of a shape, as a share of the image's side
 * @param maxRadius largest radius of a shape, as a share of the image's side
 * @param maxClutter most bits of clutter (strokes and blobs) around and over the shape
 * @param clutterSize length of a stroke and diameter of a blob at most, as a share of the side
 * @param maxNoise largest standard deviation of the noise, in grey levels of 255
 * @param contrast least difference in brightness between shape and background, in [0, 1]
 * @param stretch most that a shape is stretched along a random axis: 0.3 is a ratio up to 1.3
 */
public record ShapeDifficulty(
    double minRadius,
    double maxRadius,
    int maxClutter,
    double clutterSize,
    double maxNoise,
    double contrast,
    double stretch) {
  public ShapeDifficulty {
    if (!(minRadius > 0 && minRadius <= maxRadius && maxRadius <= 0.5)) {
      throw new IllegalArgumentException(
          "radii from %s to %s: they must rise from above 0 to at most 0.5 of the side."
              .formatted(minRadius, maxRadius));
    }
    if (maxClutter < 0 || maxNoise < 0 || clutterSize < 0 || clutterSize > 1) {
      throw new IllegalArgumentException(
          "clutter of %d items, size %s, noise %s: none may be negative, the size at most 1."
              .formatted(maxClutter, clutterSize, maxNoise));
    }
    if (!(contrast >= 0 && contrast <= 1) || !(stretch >= 0 && stretch <= 2)) {
      throw new IllegalArgumentException(
          "contrast %s must lie in [0, 1] and stretch %s in [0, 2].".formatted(contrast, stretch));
    }
  }

  /** The difficulty of the default data set. */
  public static ShapeDifficulty standard() {
    return new ShapeDifficulty(0.24, 0.41, 8, 0.36, 50, 0.28, 0.4);
  }
}
