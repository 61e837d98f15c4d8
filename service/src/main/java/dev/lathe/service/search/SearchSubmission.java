package dev.lathe.service.search;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SearchRequest;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a user sends to launch a search. Everything may be left out.
 *
 * @param name for people
 * @param data set: {@code builtin}, or {@code dataset:NAME}
 * @param seed of all randomness
 * @param minutes that the search may take
 * @param device to measure on, by name
 * @param space name of a search space, or its definition
 * @param settings everything finer
 * @param replay number of another search whose measurements are used, by key, in place of new ones
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SearchSubmission(
    @Nullable String name,
    @Nullable String data,
    @Nullable Long seed,
    @Nullable Double minutes,
    @Nullable String device,
    @Schema(anyOf = {String.class, Object.class}) @Nullable JsonNode space,
    @Nullable Limits constraints,
    @Nullable Map<String, Object> settings,
    @Nullable Long replay) {

  /** The longest search that is accepted: a week. */
  private static final double MAX_MINUTES = 7 * 24 * 60;

  private static final int MAX_NAME = 200;

  /**
   * Limits that every member of the front keeps.
   *
   * @param maxLatencyMillis of the measured median
   * @param maxBytes of the ONNX file
   * @param minAccuracy on validation images, in [0, 1]
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Limits(
      @Nullable Double maxLatencyMillis, @Nullable Long maxBytes, @Nullable Double minAccuracy) {}

  public SearchSubmission {
    require(name == null || name.length() <= MAX_NAME, "name", "may have up to 200 characters.");
    require(data == null || !data.isBlank(), "data", "is empty. Maybe 'builtin'.");
    require(
        minutes == null || (minutes > 0 && minutes <= MAX_MINUTES),
        "minutes",
        "must be above 0 and at most 10080 (a week), not " + minutes + ".");
    require(
        space == null || space.isTextual() || space.isObject() || space.isNull(),
        "space",
        "must be the name of a search space or its definition.");
    if (constraints != null) {
      Double latency = constraints.maxLatencyMillis;
      Double accuracy = constraints.minAccuracy;
      require(
          latency == null || latency > 0,
          "constraints.maxLatencyMillis",
          "must be above 0, not " + latency + ".");
      require(
          constraints.maxBytes == null || constraints.maxBytes > 0,
          "constraints.maxBytes",
          "must be above 0, not " + constraints.maxBytes + ".");
      require(
          accuracy == null || (accuracy >= 0 && accuracy <= 1),
          "constraints.minAccuracy",
          "must be 0 to 1, not " + accuracy + ". Maybe divide percent by 100.");
    }
  }

  private static void require(boolean condition, String field, String problem) {
    if (!condition) {
      throw new InvalidSearch(field, field + " " + problem);
    }
  }

  /** The name, or one made of what is searched. */
  String title() {
    return name == null || name.isBlank() ? dataOrDefault() + ", seed " + seedOrDefault() : name;
  }

  /**
   * What the orchestration is asked to do.
   *
   * @param space resolved from the submission's
   * @param data where it lies on this machine
   * @param settings with what they name likewise
   */
  SearchRequest request(
      Optional<SearchRequest.SpaceChoice> space, String data, Map<String, Object> settings) {
    Limits limits = constraints == null ? new Limits(null, null, null) : constraints;
    return new SearchRequest(
        data,
        seedOrDefault(),
        optional(minutes),
        Optional.ofNullable(device),
        space,
        new SearchRequest.Constraints(
            optional(limits.maxLatencyMillis),
            optional(limits.maxBytes),
            optional(limits.minAccuracy)),
        settings);
  }

  OptionalLong replayOf() {
    return optional(replay);
  }

  String dataOrDefault() {
    return data == null ? "builtin" : data;
  }

  private long seedOrDefault() {
    return seed == null ? 1 : seed;
  }

  private static OptionalDouble optional(@Nullable Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private static OptionalLong optional(@Nullable Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
