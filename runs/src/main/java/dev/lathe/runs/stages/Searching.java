package dev.lathe.runs.stages;

import dev.lathe.evolution.Budget;
import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.Search;
import dev.lathe.evolution.SearchMethod;
import dev.lathe.evolution.SearchMethods;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.evolution.SearchState;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.GenerationState;
import dev.lathe.runs.SearchRequest.MethodChoice;
import dev.lathe.space.Architecture;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Asks a search method for architectures and tells it their figures until the budget is spent.
 * Every batch is noted in one transaction; the algorithm's state is its settings and the candidates
 * noted, so a restart goes on from there.
 */
final class Searching {
  /** The fact under which the seconds of searching are noted. */
  static final String SECONDS = "search.seconds";

  /** The fact that is noted when the time for the search ended it. */
  static final String TIMED_OUT = "search.timedOut";

  private final RunFrame run;
  private final Evaluating evaluating;

  Searching(RunFrame run, Evaluating evaluating) {
    this.run = run;
    this.evaluating = evaluating;
  }

  void run() {
    SearchProblem problem = problem();
    Optional<GenerationState> last = run.store().lastGeneration();
    Search search = last.map(state -> resumed(problem, state)).orElseGet(() -> started(problem));
    int most = run.request().budget().evaluations().orElseThrow();
    int batch = search.batch();
    double start = run.clock().seconds();
    double before = run.facts().get(SECONDS, Double.class).orElse(0.0);
    HypervolumeHistory history =
        new HypervolumeHistory(run.store(), problem.objectives().size(), 1);
    Optional<Budget> budget = run.settings().budget(run.request().budget());
    int done = search.state().trials().size();
    int generation = last.map(GenerationState::number).orElse(-1) + 1;
    while (done < most) {
      run.control().checkpoint();
      Duration elapsed =
          Duration.ofMillis((long) (1000 * (before + run.clock().seconds() - start)));
      if (budget.isPresent() && budget.get().spent(problem, search.state(), elapsed)) {
        int limit = run.settings().searchSeconds();
        if (limit > 0 && elapsed.toSeconds() >= limit) {
          run.facts().put(TIMED_OUT, true);
        }
        break;
      }
      List<Architecture> asked = search.ask(Math.min(batch, most - done));
      if (asked.isEmpty()) {
        break;
      }
      List<CandidateRecord> candidates = history.noted(evaluating.evaluate(asked));
      search.tell(candidates.stream().map(run.goals()::evaluation).toList());
      run.store().generation(generation++, candidates, search.header());
      done += candidates.size();
      tell(before, start, done, most, history);
    }
    run.clock().save();
  }

  private void tell(double before, double start, int done, int most, HypervolumeHistory history) {
    run.facts().put(SECONDS, before + run.clock().seconds() - start);
    run.clock().save();
    run.progress(
        Stage.SEARCH,
        (double) done / most,
        "%d of %d architectures evaluated, %d on the front".formatted(done, most, history.front()));
  }

  private SearchProblem problem() {
    SearchProblem asked = run.goals().problem();
    return new SearchProblem(evaluating.space(), asked.objectives(), asked.constraints());
  }

  private Search started(SearchProblem problem) {
    MethodChoice choice = run.request().method().orElseThrow();
    SearchMethod method = SearchMethods.named(choice.name()).with(choice.settings());
    return Search.start(method, problem, run.request().seed());
  }

  private Search resumed(SearchProblem problem, GenerationState state) {
    List<Evaluation> told = run.store().candidates().stream().map(run.goals()::evaluation).toList();
    return Search.resume(problem, SearchState.parse(state.algorithmState()).withTold(told));
  }
}
