package dev.lathe.runs.stages;

import dev.lathe.evolution.MethodSetting;
import dev.lathe.evolution.SearchMethodProvider;
import dev.lathe.evolution.SearchMethods;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.MethodCard;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.Limit;
import dev.lathe.runs.SearchRequest.MethodChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The methods that a request can name, and what each can do. */
final class Methods {
  static final String SINGLE_PATH = "single-path";
  static final String NETADAPT = "netadapt";

  /** Where evaluating costs more than a second in sum. */
  static final String EXPENSIVE = "predictor";

  /** Where it costs next to nothing. */
  static final String CHEAP = "nsga2";

  private static final String TARGETS = "targets";
  private static final Set<String> TRAINED = Set.of(SINGLE_PATH, NETADAPT);

  /** What the numbers of methods that train may be. */
  private record Range(double least, double most, boolean whole, boolean endsAllowed, String text) {
    boolean holds(Object value) {
      if (!(value instanceof Number number)) {
        return false;
      }
      double one = number.doubleValue();
      boolean inside = endsAllowed ? one >= least && one <= most : one > least && one < most;
      return inside && (!whole || one == Math.rint(one));
    }
  }

  private static final Range PROBABILITY = new Range(-1e-300, 1, false, false, "from 0 to below 1");
  private static final Range SHARE = new Range(0, 1, false, false, "above 0 and below 1");
  private static final Map<String, Range> RANGES =
      Map.of(
          "warmup", PROBABILITY,
          "dropped", PROBABILITY,
          "held", PROBABILITY,
          "target", SHARE,
          "reduction", SHARE,
          "decay", new Range(1e-9, 1, false, true, "above 0 and at most 1"),
          "shortSteps", new Range(1, 1e6, true, true, "a whole number from 1"));

  private static final Map<String, String> ANYWHERE = Map.of();
  private static final Map<String, String> NETWORKS_ALONE =
      Map.of(
          "table", "it trains networks, and a table holds none.",
          "study", "it trains networks itself, and a study's are trained elsewhere.",
          "model", "it needs a space of mobile blocks.");

  private Methods() {}

  /** All methods with their settings. */
  static List<MethodCard> cards() {
    List<MethodCard> cards = new ArrayList<>();
    for (SearchMethodProvider provider : SearchMethods.all()) {
      cards.add(
          new MethodCard(
              provider.name(), provider.description(), provider.settings(), ANYWHERE, true));
    }
    cards.add(
        new MethodCard(
            SINGLE_PATH,
            "Single-Path NAS: one network whose gates learn kernels, expansions and depths beside its weights, for each latency target.",
            List.of(
                new MethodSetting(
                    TARGETS,
                    List.of(),
                    "latencies in milliseconds; by default that of the constraint, else three between the fastest and the slowest network"),
                new MethodSetting("warmup", 0.4, "share of the steps before gates are learnt"),
                new MethodSetting("dropped", 0.3, "probability that a gate is shut in the warm-up"),
                new MethodSetting("held", 0.4, "probability that a gate is held afterwards")),
            NETWORKS_ALONE,
            false));
    cards.add(
        new MethodCard(
            NETADAPT,
            "NetAdapt: the largest network, trained, then shrunk step by step by what costs the least accuracy.",
            List.of(
                new MethodSetting(
                    "target",
                    0.5,
                    "latency to reach as a share of the first network's; a latency constraint goes before it"),
                new MethodSetting(
                    "reduction", 0.1, "of the first step, a share of the first latency"),
                new MethodSetting("decay", 0.96, "factor of the reduction from step to step"),
                new MethodSetting("shortSteps", 20, "training steps of each proposal")),
            NETWORKS_ALONE,
            false));
    return cards;
  }

  static MethodCard card(String name) {
    return cards().stream()
        .filter(card -> card.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidSearch(
                    "method.name",
                    "there is no method '%s'. Maybe one of %s."
                        .formatted(name, cards().stream().map(MethodCard::name).toList())));
  }

  /** Whether a method trains networks of its own instead of asking for evaluations. */
  static boolean trains(String name) {
    return TRAINED.contains(name);
  }

  /**
   * Refuses what a method cannot do.
   *
   * @throws InvalidSearch naming the field and the reason
   */
  static void check(SearchRequest request, String kindOfSpace) {
    if (request.method().isEmpty()) {
      return;
    }
    MethodChoice choice = request.method().get();
    MethodCard card = card(choice.name());
    String reason = card.refuses().get(kindOfSpace);
    if (reason != null) {
      throw new InvalidSearch(
          "method", "'%s' cannot search this: %s".formatted(choice.name(), reason));
    }
    if (!trains(choice.name())) {
      try {
        SearchMethods.named(choice.name()).with(choice.settings());
      } catch (IllegalArgumentException e) {
        throw new InvalidSearch("method", e.getMessage());
      }
      return;
    }
    for (String setting : choice.settings().keySet()) {
      if (card.settings().stream().noneMatch(known -> known.name().equals(setting))) {
        throw new InvalidSearch(
            "method." + setting,
            "method '%s' has no setting '%s'. Maybe one of %s."
                .formatted(
                    choice.name(),
                    setting,
                    card.settings().stream().map(MethodSetting::name).toList()));
      }
      number(choice, setting);
    }
    requireLatency(request, choice.name());
  }

  private static void number(MethodChoice choice, String setting) {
    Object value = choice.settings().get(setting);
    boolean good =
        setting.equals(TARGETS)
            ? value instanceof List<?> list
                && list.stream().allMatch(t -> t instanceof Number n && n.doubleValue() > 0)
            : RANGES.get(setting).holds(value);
    if (!good) {
      throw new InvalidSearch(
          "method." + setting,
          "%s is %s; it must be %s."
              .formatted(
                  setting,
                  value,
                  setting.equals(TARGETS)
                      ? "a list of milliseconds above 0"
                      : RANGES.get(setting).text()));
    }
  }

  private static void requireLatency(SearchRequest request, String name) {
    for (SearchRequest.Goal goal : request.objectives()) {
      Optional<Quantity> quantity = goal.metric().quantity();
      boolean other =
          goal.metric().device().isPresent()
              && (quantity.orElse(null) != Quantity.LATENCY
                  || !goal.metric().device().equals(request.device()));
      if (other || quantity.orElse(null) == Quantity.MNAS_REWARD) {
        throw new InvalidSearch(
            "objectives",
            "'%s' shapes networks to the median latency on one device; %s is out of its reach. Maybe choose another method."
                .formatted(name, goal.metric()));
      }
    }
  }

  /** A number that a method is given, or its default. */
  static double setting(SearchRequest request, String name) {
    MethodChoice choice = request.method().orElseThrow();
    Object value = choice.settings().get(name);
    Object standard =
        card(choice.name()).settings().stream()
            .filter(known -> known.name().equals(name))
            .findFirst()
            .orElseThrow()
            .standard();
    return ((Number) (value == null ? standard : value)).doubleValue();
  }

  /** The latencies that are aimed at: those set, else that of the constraint on the device. */
  static List<Double> targets(SearchRequest request, String device) {
    Object set = request.method().orElseThrow().settings().get(TARGETS);
    if (set instanceof List<?> list && !list.isEmpty()) {
      return list.stream().map(one -> ((Number) one).doubleValue()).toList();
    }
    return request.constraints().stream()
        .filter(limit -> limit.metric().equals(Metric.on(Quantity.LATENCY, device)))
        .map(Limit::atMost)
        .filter(java.util.OptionalDouble::isPresent)
        .map(java.util.OptionalDouble::getAsDouble)
        .toList();
  }
}
