package dev.lathe.evolution;

import dev.lathe.space.SearchSpace;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is searched, and for what.
 *
 * @param objectives at least one; several devices are several objectives, or constraints
 * @param constraints may be empty
 */
public record SearchProblem(
    SearchSpace space, List<Objective> objectives, List<Constraint> constraints) {
  public SearchProblem {
    objectives = List.copyOf(objectives);
    constraints = List.copyOf(constraints);
    if (objectives.isEmpty()) {
      throw new IllegalArgumentException("a search needs at least one objective.");
    }
    Set<String> names = new HashSet<>();
    for (Objective objective : objectives) {
      if (!names.add(objective.name())) {
        throw new IllegalArgumentException(
            "objective '%s' is given twice.".formatted(objective.name()));
      }
    }
  }

  public static SearchProblem of(SearchSpace space, Objective... objectives) {
    return new SearchProblem(space, List.of(objectives), List.of());
  }

  /** The same with constraints in place of those so far. */
  public SearchProblem constrained(Constraint... bounds) {
    return new SearchProblem(space, objectives, List.of(bounds));
  }

  /** One cost an objective, in their order: the objective's value, negated if maximized. */
  public double[] costs(Map<String, Double> metrics) {
    double[] costs = new double[objectives.size()];
    for (int i = 0; i < costs.length; i++) {
      Objective objective = objectives.get(i);
      costs[i] = objective.direction().cost(objective.value(metrics));
    }
    return costs;
  }

  /** Sum of the violations of all constraints; 0 if and only if feasible. */
  public double violation(Map<String, Double> metrics) {
    double sum = 0;
    for (int i = 0; i < constraints.size(); i++) {
      sum += constraints.get(i).violation(metrics);
    }
    return sum;
  }
}
