package dev.lathe.runs.stages;

import dev.lathe.evolution.Constraint;
import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.MnasReward;
import dev.lathe.evolution.Objective;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.metric.Direction;
import dev.lathe.metric.Figure;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.Goal;
import dev.lathe.runs.SearchRequest.Limit;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a request wants of its networks. A constraint is kept by the end of a figure's interval: a
 * network whose latency is predicted as 4 to 6 ms does not keep a limit of 5.
 */
public final class Goals {
  private static final String UPPER = "|upper";
  private static final String LOWER = "|lower";

  private final List<Goal> goals;
  private final List<Limit> limits;
  private final SearchProblem problem;

  /**
   * @throws InvalidSearch naming the objective that is wrong
   */
  public Goals(SearchRequest request, SearchSpace space) {
    this.goals = request.objectives();
    this.limits = request.constraints();
    List<Objective> objectives = new ArrayList<>();
    for (int i = 0; i < goals.size(); i++) {
      objectives.add(objective("objectives[" + i + "]", goals.get(i)));
    }
    List<Constraint> constraints = new ArrayList<>();
    for (Limit limit : limits) {
      limit
          .atMost()
          .ifPresent(
              most -> constraints.add(Constraint.atMost(limit.metric().name() + UPPER, most)));
      limit
          .atLeast()
          .ifPresent(
              least -> constraints.add(Constraint.atLeast(limit.metric().name() + LOWER, least)));
    }
    try {
      this.problem = new SearchProblem(space, objectives, constraints);
    } catch (IllegalArgumentException e) {
      throw new InvalidSearch("objectives", e.getMessage());
    }
  }

  private static Objective objective(String field, Goal goal) {
    if (goal.metric().quantity().orElse(null) == Quantity.MNAS_REWARD) {
      return reward(field, goal);
    }
    if (!goal.parameters().isEmpty()) {
      throw new InvalidSearch(
          field, "%s takes no %s.".formatted(goal.metric(), goal.parameters().keySet()));
    }
    return goal.direction() == Direction.MAXIMIZE
        ? Objective.maximize(goal.metric().name())
        : Objective.minimize(goal.metric().name());
  }

  private static Objective reward(String field, Goal goal) {
    if (goal.direction() != Direction.MAXIMIZE) {
      throw new InvalidSearch(field, "mnasReward is to be maximized.");
    }
    if (!(goal.parameters().get("target") instanceof Number target) || target.doubleValue() <= 0) {
      throw new InvalidSearch(
          field + ".target",
          "mnasReward needs 'target', the latency aimed at in milliseconds, for example {\"maximize\": \"mnasReward\", \"latency\": \"latency@DEVICE\", \"target\": 5}.");
    }
    String accuracy = Metric.of(Quantity.ACCURACY).name();
    String latency = rewardLatency(goal).name();
    return Boolean.TRUE.equals(goal.parameters().get("hard"))
        ? MnasReward.hard(accuracy, latency, target.doubleValue())
        : MnasReward.soft(accuracy, latency, target.doubleValue());
  }

  private static Metric rewardLatency(Goal goal) {
    return Metric.of(String.valueOf(goal.parameters().getOrDefault("latency", "latency")));
  }

  public SearchProblem problem() {
    return problem;
  }

  List<Limit> limits() {
    return limits;
  }

  /** All metrics that objectives and constraints read. */
  public Set<Metric> metrics() {
    Set<Metric> metrics = new LinkedHashSet<>();
    for (Goal goal : goals) {
      if (goal.metric().quantity().orElse(null) == Quantity.MNAS_REWARD) {
        metrics.add(Metric.of(Quantity.ACCURACY));
        metrics.add(rewardLatency(goal));
      } else {
        metrics.add(goal.metric());
      }
    }
    limits.forEach(limit -> metrics.add(limit.metric()));
    return metrics;
  }

  /** What must be predicted on a device: the median latency, and what else is asked for. */
  Set<Quantity> quantities(String device) {
    Set<Quantity> quantities = EnumSet.of(Quantity.LATENCY);
    for (Metric metric : metrics()) {
      if (metric.device().filter(device::equals).isPresent()) {
        metric.quantity().ifPresent(quantities::add);
      }
    }
    return quantities;
  }

  /** Figures as the search methods read them: the value, and both ends of the interval. */
  private Map<String, Double> values(Map<String, Figure> figures) {
    Map<String, Double> values = new LinkedHashMap<>();
    for (Metric metric : metrics()) {
      Figure figure = figures.get(metric.name());
      if (figure != null) {
        values.put(metric.name(), figure.value());
      }
    }
    for (Limit limit : limits) {
      Figure figure = figures.get(limit.metric().name());
      if (figure != null) {
        limit.atMost().ifPresent(_ -> values.put(limit.metric().name() + UPPER, figure.upper()));
        limit.atLeast().ifPresent(_ -> values.put(limit.metric().name() + LOWER, figure.lower()));
      }
    }
    return values;
  }

  /** Whether all metrics are there. */
  public boolean complete(Map<String, Figure> figures) {
    return metrics().stream().allMatch(metric -> figures.containsKey(metric.name()));
  }

  /** Whether all constraints are kept. */
  public boolean feasible(Map<String, Figure> figures) {
    return problem.violation(values(figures)) == 0;
  }

  /** One cost an objective, less is better. */
  public List<Double> costs(Map<String, Figure> figures) {
    List<Double> costs = new ArrayList<>();
    for (double cost : problem.costs(values(figures))) {
      costs.add(cost);
    }
    return costs;
  }

  /** A candidate as the search methods are told of it. */
  public Evaluation evaluation(CandidateRecord candidate) {
    return candidate.status() == CandidateRecord.Status.FAILED
        ? Evaluation.failed(candidate.architecture(), candidate.failure().orElse("failed"))
        : Evaluation.of(candidate.architecture(), values(candidate.figures()));
  }
}
