package dev.lathe.runs;

import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.SearchRequest.Budget;
import dev.lathe.runs.SearchRequest.Goal;
import dev.lathe.runs.SearchRequest.Limit;
import dev.lathe.runs.SearchRequest.MethodChoice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What a request means where it leaves something open. Filling twice changes nothing more. */
public final class RequestDefaults {
  private static final int EVALUATIONS = 240;

  /** The method by models needs half as many, and no more than so many. */
  private static final int EVALUATIONS_BY_MODELS = 120;

  private static final int POPULATION = 24;
  private static final int GENERATIONS = 10;

  private RequestDefaults() {}

  /**
   * A request of networks with everything decided that does not depend on the data.
   *
   * @param devices those of the run, if they are known: metrics that name no device are of the
   *     first
   */
  public static SearchRequest fill(SearchRequest request, List<String> devices) {
    SearchRequest filled = older(request);
    List<String> on = filled.devices().isEmpty() ? devices : filled.devices();
    Optional<String> first = on.stream().findFirst();
    List<Goal> goals = new ArrayList<>();
    if (filled.objectives().isEmpty()) {
      goals.add(Goal.maximize(Metric.of(Quantity.ACCURACY)));
      if (on.isEmpty()) {
        goals.add(Goal.minimize(Metric.of("latency")));
      }
      on.forEach(device -> goals.add(Goal.minimize(Metric.on(Quantity.LATENCY, device))));
      goals.add(Goal.minimize(Metric.of(Quantity.BYTES)));
    } else {
      filled.objectives().forEach(goal -> goals.add(on(goal, first)));
    }
    List<Limit> limits =
        filled.constraints().stream()
            .map(limit -> new Limit(on(limit.metric(), first), limit.atMost(), limit.atLeast()))
            .toList();
    MethodChoice method = filled.method().orElseGet(() -> new MethodChoice("predictor", Map.of()));
    int evaluations =
        filled
            .budget()
            .evaluations()
            .orElse(method.name().equals("predictor") ? EVALUATIONS_BY_MODELS : EVALUATIONS);
    return filled
        .withDevices(on)
        .withGoals(goals, limits)
        .withMethod(method)
        .withForms(filled.forms().isEmpty() ? List.of("float32", "int8") : filled.forms())
        .withBudget(
            new Budget(
                filled.budget().minutes(),
                OptionalInt.of(evaluations),
                filled.budget().stagnation(),
                filled.budget().spentSeconds()));
  }

  private static Goal on(Goal goal, Optional<String> device) {
    Map<String, Object> parameters = new LinkedHashMap<>(goal.parameters());
    if (goal.metric().quantity().orElse(null) == Quantity.MNAS_REWARD) {
      Metric latency = Metric.of(String.valueOf(parameters.getOrDefault("latency", "latency")));
      parameters.put("latency", on(latency, device).name());
    }
    return new Goal(on(goal.metric(), device), goal.direction(), parameters);
  }

  private static Metric on(Metric metric, Optional<String> device) {
    boolean needs = metric.quantity().map(Quantity::onDevice).orElse(false);
    return needs && metric.device().isEmpty() ? new Metric(metric.symbol(), device) : metric;
  }

  /** Settings of earlier versions as what they are now. */
  private static SearchRequest older(SearchRequest request) {
    Map<String, Object> settings = new LinkedHashMap<>(request.settings());
    Object population = settings.remove("population");
    Object generations = settings.remove("generations");
    Object stagnation = settings.remove("stagnation");
    if (settings.size() == request.settings().size()) {
      return request;
    }
    int children = whole("population", population, 2, 1000, POPULATION);
    int rounds = whole("generations", generations, 1, 10_000, GENERATIONS);
    Budget budget = request.budget();
    SearchRequest filled =
        request
            .withSettings(settings)
            .withBudget(
                new Budget(
                    budget.minutes(),
                    budget.evaluations().isPresent()
                        ? budget.evaluations()
                        : OptionalInt.of(children * rounds),
                    whole("stagnation", stagnation, 0, 1_000_000, budget.stagnation()),
                    budget.spentSeconds()));
    return request.method().isPresent()
        ? filled
        : filled.withMethod(new MethodChoice("nsga2", Map.of("population", children)));
  }

  private static int whole(String name, Object value, int least, int most, int otherwise) {
    if (value == null) {
      return otherwise;
    }
    if (!(value instanceof Integer number) || number < least || number > most) {
      throw new InvalidSearch(
          "settings." + name,
          "%s is %s; it must be a whole number from %d to %d.".formatted(name, value, least, most));
    }
    return number;
  }
}
