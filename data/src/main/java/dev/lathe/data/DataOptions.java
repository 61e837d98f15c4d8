package dev.lathe.data;

import dev.lathe.data.picture.Framing;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a data set is loaded.
 *
 * @param resolution side of the square images in pixels; 0: that of the data, or smaller by {@code
 *     seconds}
 * @param seconds that a run has to train on them: the more, the larger are pictures of more than
 *     {@value #LARGEST_NATIVE} pixels where no resolution is asked for; 0: these are brought to
 *     {@value #LARGEST_NATIVE}
 * @param seed divides single splits, picks the images where fewer than all are wanted, and draws
 *     the built-in data set
 * @param maxTrain most training images; 0: all there are (built-in: 10 000)
 * @param maxValidation most validation images; 0: all there are (built-in: 2 000)
 * @param maxTest most test images; 0: all there are (built-in: 10 000)
 * @param difficulty of the built-in data set; other data ignore it
 * @param cache folder where decoded images are kept for the next time; without one they go with
 *     this process
 * @param skipUnreadable whether files that cannot be read are left out rather than refused
 * @param framing which part of picture files is taken, and how large, where it is not the largest
 *     centred square at the resolution
 */
public record DataOptions(
    int resolution,
    double seconds,
    long seed,
    int maxTrain,
    int maxValidation,
    int maxTest,
    ShapeDifficulty difficulty,
    Optional<Path> cache,
    boolean skipUnreadable,
    Optional<Framing> framing) {
  /** Images of up to this side keep their own when no resolution is asked for, in pixels. */
  public static final int LARGEST_NATIVE = TrainedSide.LEAST;

  /** The smallest side that may be asked for, in pixels. */
  public static final int LEAST_RESOLUTION = 8;

  /** The largest side that may be asked for, in pixels. */
  public static final int LARGEST_RESOLUTION = 1024;

  public DataOptions {
    if (resolution != 0 && (resolution < LEAST_RESOLUTION || resolution > LARGEST_RESOLUTION)) {
      throw new IllegalArgumentException(
          "resolution %d is not 0 (that of the data) or between %d and %d."
              .formatted(resolution, LEAST_RESOLUTION, LARGEST_RESOLUTION));
    }
    if (!(seconds >= 0)) {
      throw new IllegalArgumentException("seconds %s is negative.".formatted(seconds));
    }
    if (maxTrain < 0 || maxValidation < 0 || maxTest < 0) {
      throw new IllegalArgumentException(
          "at most %d training, %d validation and %d test images: none may be negative."
              .formatted(maxTrain, maxValidation, maxTest));
    }
  }

  /** Everything there is, at its own resolution. */
  public static DataOptions of(long seed) {
    return new DataOptions(
        0, 0, seed, 0, 0, 0, ShapeDifficulty.standard(), Optional.empty(), false, Optional.empty());
  }

  /** These options with another resolution. */
  public DataOptions withResolution(int side) {
    return new DataOptions(
        side,
        seconds,
        seed,
        maxTrain,
        maxValidation,
        maxTest,
        difficulty,
        cache,
        skipUnreadable,
        framing);
  }

  /** These options for a run of so many seconds. */
  public DataOptions withSeconds(double run) {
    return new DataOptions(
        resolution,
        run,
        seed,
        maxTrain,
        maxValidation,
        maxTest,
        difficulty,
        cache,
        skipUnreadable,
        framing);
  }

  /** These options with other limits on the number of images. */
  public DataOptions withAtMost(int train, int validation, int test) {
    return new DataOptions(
        resolution,
        seconds,
        seed,
        train,
        validation,
        test,
        difficulty,
        cache,
        skipUnreadable,
        framing);
  }

  /** These options with another difficulty of the built-in data set. */
  public DataOptions withDifficulty(ShapeDifficulty other) {
    return new DataOptions(
        resolution,
        seconds,
        seed,
        maxTrain,
        maxValidation,
        maxTest,
        other,
        cache,
        skipUnreadable,
        framing);
  }

  /** These options with a home folder below which decoded images are kept. */
  public DataOptions withHome(Path home) {
    return new DataOptions(
        resolution,
        seconds,
        seed,
        maxTrain,
        maxValidation,
        maxTest,
        difficulty,
        Optional.of(home.resolve("data")),
        skipUnreadable,
        framing);
  }

  /** These options for inputs of a framing; other data than picture files have its size alone. */
  public DataOptions withFraming(Framing other) {
    return new DataOptions(
        Math.max(other.height(), other.width()),
        seconds,
        seed,
        maxTrain,
        maxValidation,
        maxTest,
        difficulty,
        cache,
        skipUnreadable,
        Optional.of(other));
  }

  /** These options, leaving out files that cannot be read, or refusing them. */
  public DataOptions skippingUnreadable(boolean skip) {
    return new DataOptions(
        resolution,
        seconds,
        seed,
        maxTrain,
        maxValidation,
        maxTest,
        difficulty,
        cache,
        skip,
        framing);
  }

  /** Where files that are too large for memory go. */
  Path scratchFolder() {
    return cache.orElse(Path.of(System.getProperty("java.io.tmpdir")));
  }
}
