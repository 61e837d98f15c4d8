package dev.lathe.runs;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a user asks for.
 *
 * @param data set: {@code builtin}, {@code idx:DIR}, {@code cifar:DIR}, {@code folder:DIR}
 * @param minutes that the whole search may take; empty for the default
 * @param device name of the device; empty for the one on this machine
 * @param space empty for the default space
 * @param settings everything finer, by name, as parsed from JSON (strings, numbers, booleans, maps,
 *     lists); {@link SearchRunner#check} refuses unknown ones
 */
public record SearchRequest(
    String data,
    long seed,
    OptionalDouble minutes,
    Optional<String> device,
    Optional<SpaceChoice> space,
    Constraints constraints,
    Map<String, Object> settings) {
  public SearchRequest {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  /**
   * A search space by name.
   *
   * @param definition JSON of a user's own space; empty for a built-in one
   */
  public record SpaceChoice(String name, Optional<String> definition) {}

  /**
   * Limits that every member of the front keeps.
   *
   * @param maxLatencyMillis of the measured median on the search's device
   * @param maxBytes of the ONNX file
   * @param minAccuracy on validation images, in [0, 1]
   */
  public record Constraints(
      OptionalDouble maxLatencyMillis, OptionalLong maxBytes, OptionalDouble minAccuracy) {
    /** No limits. */
    public static final Constraints NONE =
        new Constraints(OptionalDouble.empty(), OptionalLong.empty(), OptionalDouble.empty());
  }
}
