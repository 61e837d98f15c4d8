package dev.lathe.bench;

import dev.lathe.evolution.Budget;
import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.RecordedEvaluations;
import dev.lathe.evolution.Search;
import dev.lathe.evolution.SearchMethod;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.space.Architecture;
import dev.lathe.space.table.MeasurementTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** Searches on a table, judged by the exact front of all its rows. */
final class TableBenchmark {
  private final SearchProblem problem;
  private final RecordedEvaluations recorded;
  private final FrontJudge judge;

  /**
   * @param problem on a space with the table's genes
   */
  TableBenchmark(MeasurementTable table, SearchProblem problem) {
    this.problem = problem;
    Set<String> metrics = new LinkedHashSet<>();
    problem.objectives().forEach(objective -> metrics.addAll(objective.metrics()));
    problem.constraints().forEach(constraint -> metrics.add(constraint.metric()));
    this.recorded = new RecordedEvaluations(table, List.copyOf(metrics));
    this.judge = new FrontJudge(problem, recorded.all());
  }

  /**
   * The runs to make.
   *
   * @param evaluations the most in a run
   * @param checkpoints after how many evaluations else to judge what was found
   * @param budgets that may end a run earlier
   * @param repeats whether an architecture may be asked for again
   */
  record Plan(
      SearchMethod method,
      int evaluations,
      List<Integer> checkpoints,
      List<Budget> budgets,
      long seed,
      int seeds,
      boolean repeats) {}

  /**
   * @param progress is told the number of finished runs, and of all
   */
  SearchFigures run(Plan plan, BiConsumer<Integer, Integer> progress) {
    SearchFigures figures =
        new SearchFigures(plan.method().name(), problem.objectives(), plan.evaluations());
    warmUp(plan);
    for (int run = 0; run < plan.seeds(); run++) {
      long start = System.nanoTime();
      List<Evaluation> read = read(plan, plan.seed() + run);
      figures.ran(read.size(), System.nanoTime() - start);
      for (int after : plan.checkpoints()) {
        if (after < plan.evaluations()) {
          figures.add(after, judge.judge(read.subList(0, Math.min(after, read.size()))));
        }
      }
      figures.add(plan.evaluations(), judge.judge(read));
      progress.accept(run + 1, plan.seeds());
    }
    return figures;
  }

  /** Hypervolume of these networks' rows as a share of that of the exact front. */
  double share(List<Architecture> architectures) {
    return judge.judge(architectures.stream().map(recorded::evaluate).toList()).share();
  }

  /** Runs until the compiler had its chance: two seconds, but at least one whole run. */
  private void warmUp(Plan plan) {
    long end = System.nanoTime() + 2_000_000_000L;
    long seed = -1;
    do {
      read(plan, seed--);
    } while (System.nanoTime() < end);
  }

  /** Lets a search read rows until its budget is spent, or there is nothing left to ask. */
  private List<Evaluation> read(Plan plan, long seed) {
    Search search =
        plan.repeats()
            ? Search.startWithRepeats(plan.method(), problem, seed)
            : Search.start(plan.method(), problem, seed);
    long start = System.nanoTime();
    List<Evaluation> read = new ArrayList<>(plan.evaluations());
    while (read.size() < plan.evaluations() && !spent(plan, search, start)) {
      List<Architecture> asked =
          search.ask(Math.min(search.batch(), plan.evaluations() - read.size()));
      if (asked.isEmpty()) {
        break;
      }
      List<Evaluation> results = new ArrayList<>(asked.size());
      for (Architecture architecture : asked) {
        results.add(recorded.evaluate(architecture));
      }
      search.tell(results);
      read.addAll(results);
    }
    return read;
  }

  private boolean spent(Plan plan, Search search, long start) {
    return !plan.budgets().isEmpty()
        && new Budget.FirstOf(plan.budgets())
            .spent(problem, search.state(), Duration.ofNanos(System.nanoTime() - start));
  }
}
