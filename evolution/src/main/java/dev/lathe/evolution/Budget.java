package dev.lathe.evolution;

import dev.lathe.evolution.front.Hypervolume;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * When a search has had enough. A function of the search's state and of the time it has had, so
 * that a search that is resumed ends where an unbroken one would.
 */
public sealed interface Budget {
  /**
   * @param problem of which the state is
   * @param elapsed how long the search has run, resumed parts added up
   */
  boolean spent(SearchProblem problem, SearchState state, Duration elapsed);

  /**
   * So many results, failed ones counted.
   *
   * @param most at least 1
   */
  record Evaluations(int most) implements Budget {
    public Evaluations {
      if (most < 1) {
        throw new IllegalArgumentException(
            "the budget is %d evaluations, must be >= 1.".formatted(most));
      }
    }

    @Override
    public boolean spent(SearchProblem problem, SearchState state, Duration elapsed) {
      return told(state).size() >= most;
    }
  }

  /**
   * So much time.
   *
   * @param most above zero
   */
  record Time(Duration most) implements Budget {
    public Time {
      if (!most.isPositive()) {
        throw new IllegalArgumentException("the budget's time is %s, must be > 0.".formatted(most));
      }
    }

    @Override
    public boolean spent(SearchProblem problem, SearchState state, Duration elapsed) {
      return elapsed.compareTo(most) >= 0;
    }
  }

  /**
   * The hypervolume of the feasible results, up to the worst of each objective measured so far,
   * stands still. Never while nothing is feasible.
   *
   * @param evaluations over how many of the last results, at least 1
   * @param gain the share of the hypervolume by which these must have raised it, at least 0
   */
  record Stagnation(int evaluations, double gain) implements Budget {
    public Stagnation {
      if (evaluations < 1 || !(gain >= 0)) {
        throw new IllegalArgumentException(
            "stagnation over %d evaluations by a gain of %s: they must be >= 1 and >= 0."
                .formatted(evaluations, gain));
      }
    }

    @Override
    public boolean spent(SearchProblem problem, SearchState state, Duration elapsed) {
      List<Evaluation> told = told(state);
      int before = told.size() - evaluations;
      if (before < 1) {
        return false;
      }
      double[][] all = costs(problem, told);
      double[][] earlier = costs(problem, told.subList(0, before));
      if (earlier.length == 0) {
        return false;
      }
      double[] worst = all[0].clone();
      for (double[] point : all) {
        for (int m = 0; m < worst.length; m++) {
          worst[m] = Math.max(worst[m], point[m]);
        }
      }
      return Hypervolume.of(all, worst) <= Hypervolume.of(earlier, worst) * (1 + gain);
    }
  }

  /** Whichever of these is spent first. */
  record FirstOf(List<Budget> budgets) implements Budget {
    public FirstOf {
      budgets = List.copyOf(budgets);
    }

    @Override
    public boolean spent(SearchProblem problem, SearchState state, Duration elapsed) {
      return budgets.stream().anyMatch(budget -> budget.spent(problem, state, elapsed));
    }
  }

  /** Whichever of these is spent first. */
  static Budget firstOf(Budget... budgets) {
    return new FirstOf(Arrays.asList(budgets));
  }

  private static List<Evaluation> told(SearchState state) {
    return state.trials().stream().flatMap(trial -> trial.result().stream()).toList();
  }

  private static double[][] costs(SearchProblem problem, List<Evaluation> results) {
    return results.stream()
        .flatMap(
            result ->
                result instanceof Evaluation.Measured measured
                        && problem.violation(measured.metrics()) == 0
                    ? Stream.of(problem.costs(measured.metrics()))
                    : Stream.empty())
        .toArray(double[][]::new);
  }
}
