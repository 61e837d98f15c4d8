package dev.lathe.runs.study;

import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.Search;
import dev.lathe.evolution.SearchMethod;
import dev.lathe.evolution.SearchMethods;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.evolution.SearchState;
import dev.lathe.evolution.SearchState.Trial;
import dev.lathe.metric.Figure;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.CandidateRecord.Status;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.MethodChoice;
import dev.lathe.runs.stages.Goals;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A search that is asked and told by others. It is a function of its request and of its trials in
 * order, so that it can be had again after a restart. Not for several threads at once.
 */
public final class Study {
  private final Goals goals;
  private final SearchProblem problem;
  private final Search search;

  private Study(Goals goals, SearchProblem problem, Search search) {
    this.goals = goals;
    this.problem = problem;
    this.search = search;
  }

  /**
   * A study with the trials that it has had.
   *
   * @throws InvalidSearch naming the field of the request that is wrong
   */
  public static Study of(SearchRequest request, SearchSpace space, List<Trial> trials) {
    Goals goals = new Goals(request, space);
    SearchProblem problem = goals.problem();
    MethodChoice choice = request.method().orElseGet(() -> new MethodChoice("predictor", Map.of()));
    SearchMethod method;
    try {
      method = SearchMethods.named(choice.name()).with(choice.settings());
    } catch (IllegalArgumentException e) {
      throw new InvalidSearch("method", e.getMessage());
    }
    return new Study(
        goals,
        problem,
        Search.resume(problem, new SearchState(method, request.seed(), false, trials)));
  }

  /** The next architectures to evaluate; fewer only if the space has no more. */
  public List<Architecture> ask(int count) {
    return search.ask(count);
  }

  /**
   * Takes figures of an architecture, asked for or not.
   *
   * @throws InvalidSearch if a metric is missing that objectives or constraints read
   */
  public CandidateRecord tell(Architecture architecture, Map<String, Figure> figures) {
    if (!goals.complete(figures)) {
      throw new InvalidSearch(
          "figures",
          "objectives and constraints read %s, but only %s was told. Maybe tell it as failed."
              .formatted(goals.metrics(), figures.keySet()));
    }
    CandidateRecord candidate =
        new CandidateRecord(
            architecture,
            problem.space().describe(architecture),
            goals.feasible(figures) ? Status.OK : Status.INFEASIBLE,
            figures,
            goals.costs(figures),
            Optional.empty());
    search.tell(List.of(goals.evaluation(candidate)));
    return candidate;
  }

  /** Takes that an architecture could not be evaluated. */
  public CandidateRecord fail(Architecture architecture, String reason) {
    search.tell(List.of(Evaluation.failed(architecture, reason)));
    return new CandidateRecord(
        architecture,
        problem.space().describe(architecture),
        Status.FAILED,
        Map.of(),
        List.of(),
        Optional.of(reason));
  }

  /** A stored result as a trial. */
  public static Trial told(SearchRequest request, SearchSpace space, CandidateRecord candidate) {
    return new Trial.Told(new Goals(request, space).evaluation(candidate));
  }
}
