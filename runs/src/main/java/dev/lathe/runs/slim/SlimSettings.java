package dev.lathe.runs.slim;

import dev.lathe.compress.calibration.ImageOptions;
import dev.lathe.compress.claim.Budget;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What is wanted of a slimmer model.
 *
 * @param model ONNX file
 * @param data where inputs come from: a data set ({@code folder:DIR}, …), arrays ({@code
 *     npz:FILE}), or {@code noise:COUNT}
 * @param images how pictures become the model's input, where the file does not tell
 * @param labels whether the data's labels count; else the original's answers alone
 * @param maxLatencyMillis the latency to reach; if empty, {@code latencyShare} of the original's
 * @param latencyShare in (0, 1)
 * @param budget by how much the score may be below the original's, and how surely
 * @param minutes for everything
 * @param out folder for the files
 * @param seed of data, search and training
 */
public record SlimSettings(
    Path model,
    String data,
    ImageOptions images,
    boolean labels,
    OptionalDouble maxLatencyMillis,
    double latencyShare,
    Optional<Budget> budget,
    double minutes,
    Path out,
    long seed) {
  public SlimSettings {
    if (!(latencyShare > 0 && latencyShare < 1)) {
      throw new IllegalArgumentException(
          "the share of the latency must lie between 0 and 1, not " + latencyShare + ".");
    }
    if (!(minutes > 0 && minutes <= 100_000)) {
      throw new IllegalArgumentException(
          "minutes must be above 0 and at most 100000, not " + minutes + ".");
    }
    maxLatencyMillis.ifPresent(
        millis -> {
          if (!(millis > 0)) {
            throw new IllegalArgumentException("a latency must be above 0 ms, not " + millis + ".");
          }
        });
  }
}
