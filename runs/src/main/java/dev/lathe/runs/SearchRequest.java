package dev.lathe.runs;

import dev.lathe.metric.Direction;
import dev.lathe.metric.Metric;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a user asks for. {@link RequestJson} reads and writes it, {@link RequestDefaults} fills what
 * it leaves open.
 *
 * @param data set: {@code builtin}, or another that {@link SearchRunner#check} knows; a search of a
 *     table needs none
 * @param score by which networks are judged; empty for the one that fits the data
 * @param space empty for the one that fits the data
 * @param devices names; empty for the one on this machine
 * @param objectives empty for the usual ones
 * @param constraints that every member of the front keeps
 * @param forms in which networks are written; empty for the usual ones of the devices
 * @param warmStart number of a search whose results are taken over
 * @param replay number of a search whose measurements are used, by key, in place of new ones
 * @param settings everything finer, by name, as parsed from JSON (strings, numbers, booleans, maps,
 *     lists)
 */
public record SearchRequest(
    Optional<String> name,
    long seed,
    String data,
    Optional<String> score,
    Optional<SpaceChoice> space,
    List<String> devices,
    List<Goal> objectives,
    List<Limit> constraints,
    Optional<MethodChoice> method,
    List<String> forms,
    Budget budget,
    OptionalLong warmStart,
    OptionalLong replay,
    Map<String, Object> settings) {
  /** The data set that is there without downloading. */
  public static final String BUILTIN = "builtin";

  public SearchRequest {
    devices = List.copyOf(devices);
    objectives = List.copyOf(objectives);
    constraints = List.copyOf(constraints);
    forms = List.copyOf(forms);
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  /** Which architectures are searched. */
  public sealed interface SpaceChoice {
    /** A space by name, built in or stored. */
    record Named(String name) implements SpaceChoice {}

    /** A user's own, as JSON text. */
    record Defined(String name, String json) implements SpaceChoice {}

    /** The rows of a table, by name. */
    record Table(String name) implements SpaceChoice {}

    /**
     * A trained model made elastic.
     *
     * @param reference {@code sha256:…} of its file, by which requests name it
     * @param file where it lies on this machine, as whoever carries out the request found it;
     *     requests never say it
     */
    record Model(String reference, Optional<Path> file) implements SpaceChoice {
      /** As a request names it. */
      public Model(String reference) {
        this(reference, Optional.empty());
      }
    }
  }

  /**
   * An objective.
   *
   * @param parameters finer ones, for MnasNet's reward: {@code latency}, {@code target}, {@code
   *     hard}
   */
  public record Goal(Metric metric, Direction direction, Map<String, Object> parameters) {
    public Goal {
      parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /** More of it. */
    public static Goal maximize(Metric metric) {
      return new Goal(metric, Direction.MAXIMIZE, Map.of());
    }

    /** Less of it. */
    public static Goal minimize(Metric metric) {
      return new Goal(metric, Direction.MINIMIZE, Map.of());
    }
  }

  /** A bound; at least one side is there. */
  public record Limit(Metric metric, OptionalDouble atMost, OptionalDouble atLeast) {
    /** As it is told to people. */
    @Override
    public String toString() {
      return metric
          + (atMost.isPresent() ? " at most " + atMost.getAsDouble() : "")
          + (atLeast.isPresent() ? " at least " + atLeast.getAsDouble() : "");
    }
  }

  /** A search method by name, with those of its settings that differ from the default. */
  public record MethodChoice(String name, Map<String, Object> settings) {
    public MethodChoice {
      settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }
  }

  /**
   * When it has had enough.
   *
   * @param minutes for everything
   * @param evaluations of architectures
   * @param stagnation after so many evaluations that raised the hypervolume by less than a
   *     thousandth; 0 for never
   * @param spentSeconds of the minutes, passed before the launch: a service was started, data were
   *     looked through
   */
  public record Budget(
      OptionalDouble minutes, OptionalInt evaluations, int stagnation, double spentSeconds) {
    /** Nothing spent before the launch. */
    /** Minutes for everything where nothing is said. */
    public static final double USUAL_MINUTES = 5.4;

    public Budget(OptionalDouble minutes, OptionalInt evaluations, int stagnation) {
      this(minutes, evaluations, stagnation, 0);
    }

    /** Minutes for everything, what passed before the launch included. */
    public double allowedMinutes() {
      return minutes.orElse(USUAL_MINUTES);
    }

    /** Everything left open. */
    public static final Budget OPEN = new Budget(OptionalDouble.empty(), OptionalInt.empty(), 0);
  }

  /** Everything left open but data and seed. */
  public static SearchRequest of(String data, long seed) {
    return new SearchRequest(
        Optional.empty(),
        seed,
        data,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        Budget.OPEN,
        OptionalLong.empty(),
        OptionalLong.empty(),
        Map.of());
  }

  public SearchRequest withName(Optional<String> other) {
    return new SearchRequest(
        other,
        seed,
        data,
        score,
        space,
        devices,
        objectives,
        constraints,
        method,
        forms,
        budget,
        warmStart,
        replay,
        settings);
  }

  public SearchRequest withData(String other) {
    return new SearchRequest(
        name,
        seed,
        other,
        score,
        space,
        devices,
        objectives,
        constraints,
        method,
        forms,
        budget,
        warmStart,
        replay,
        settings);
  }

  public SearchRequest withSpace(Optional<SpaceChoice> other) {
    return new SearchRequest(
        name,
        seed,
        data,
        score,
        other,
        devices,
        objectives,
        constraints,
        method,
        forms,
        budget,
        warmStart,
        replay,
        settings);
  }

  public SearchRequest withDevices(List<String> others) {
    return new SearchRequest(
        name,
        seed,
        data,
        score,
        space,
        others,
        objectives,
        constraints,
        method,
        forms,
        budget,
        warmStart,
        replay,
        settings);
  }

  public SearchRequest withGoals(List<Goal> goals, List<Limit> limits) {
    return new SearchRequest(
        name, seed, data, score, space, devices, goals, limits, method, forms, budget, warmStart,
        replay, settings);
  }

  public SearchRequest withMethod(MethodChoice other) {
    return new SearchRequest(
        name,
        seed,
        data,
        score,
        space,
        devices,
        objectives,
        constraints,
        Optional.of(other),
        forms,
        budget,
        warmStart,
        replay,
        settings);
  }

  public SearchRequest withForms(List<String> others) {
    return new SearchRequest(
        name,
        seed,
        data,
        score,
        space,
        devices,
        objectives,
        constraints,
        method,
        others,
        budget,
        warmStart,
        replay,
        settings);
  }

  public SearchRequest withBudget(Budget other) {
    return new SearchRequest(
        name,
        seed,
        data,
        score,
        space,
        devices,
        objectives,
        constraints,
        method,
        forms,
        other,
        warmStart,
        replay,
        settings);
  }

  public SearchRequest withSettings(Map<String, Object> others) {
    return new SearchRequest(
        name,
        seed,
        data,
        score,
        space,
        devices,
        objectives,
        constraints,
        method,
        forms,
        budget,
        warmStart,
        replay,
        others);
  }

  /** The device that is named first. */
  public Optional<String> device() {
    return devices.stream().findFirst();
  }

  /** The name, or one made of what is searched. */
  public String title() {
    return name.filter(text -> !text.isBlank())
        .orElseGet(
            () ->
                (space.orElse(null) instanceof SpaceChoice.Table(String table) ? table : data)
                    + ", seed "
                    + seed);
  }

  /** What is searched, as capabilities name it: {@code network}, {@code model} or {@code table}. */
  public String kindOfSpace() {
    return switch (space.orElse(null)) {
      case SpaceChoice.Table table -> "table";
      case SpaceChoice.Model model -> "model";
      case null, default -> "network";
    };
  }

  /** Whether a table is searched, so that nothing is trained and nothing measured. */
  public boolean ofTable() {
    return space.orElse(null) instanceof SpaceChoice.Table;
  }
}
