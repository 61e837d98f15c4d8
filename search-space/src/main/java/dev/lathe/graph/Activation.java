package dev.lathe.graph;

import java.util.Arrays;
import java.util.Locale;

/** Elementwise nonlinear functions. */
public enum Activation {
  RELU,
  RELU6,
  /** x · relu6(x + 3) / 6 (Howard et al., MobileNetV3, arXiv 1905.02244). */
  HARD_SWISH,
  /** relu6(x + 3) / 6. */
  HARD_SIGMOID;

  /** The name in files, for example {@code hard-swish}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The activation with a label.
   *
   * @throws IllegalArgumentException naming the label and those that exist
   */
  public static Activation of(String label) {
    return Arrays.stream(values())
        .filter(a -> a.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "activation '%s' is not known. Maybe one of %s."
                        .formatted(
                            label, Arrays.stream(values()).map(Activation::label).toList())));
  }
}
