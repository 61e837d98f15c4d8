package dev.lathe.cli.compress;

import dev.lathe.compress.calibration.ImageOptions;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How images become a model's input. */
public final class ImageOption {
  @Option(
      names = "--mean",
      split = ",",
      paramLabel = "M[,M,M]",
      description = "of scaled pixels, subtracted; one a channel or one for all")
  private float @Nullable [] mean;

  @Option(
      names = "--std",
      split = ",",
      paramLabel = "S[,S,S]",
      description = "by which what is left is divided")
  private float @Nullable [] std;

  @Option(
      names = "--scale",
      paramLabel = "F",
      description = "by which pixels of 0 to 255 are multiplied first (default: 1/255)")
  private @Nullable Double scale;

  @Option(
      names = "--layout",
      paramLabel = "NAME",
      description = "nchw or nhwc (default: where the model has 1 or 3 channels)")
  private @Nullable String layout;

  /** What was said. */
  public ImageOptions options() {
    Double factor = scale;
    return new ImageOptions(
        Optional.ofNullable(mean),
        Optional.ofNullable(std),
        factor == null ? OptionalDouble.empty() : OptionalDouble.of(factor),
        Optional.ofNullable(layout).map(ImageOptions.Layout::named));
  }
}
