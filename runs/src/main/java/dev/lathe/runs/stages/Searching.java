package dev.lathe.runs.stages;

import dev.lathe.data.Accuracy;
import dev.lathe.evolution.Budget;
import dev.lathe.evolution.Constraint;
import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.Nsga2;
import dev.lathe.evolution.Objective;
import dev.lathe.evolution.Search;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.evolution.SearchState;
import dev.lathe.graph.Subnet;
import dev.lathe.latency.Estimate;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.CandidateRecord.Status;
import dev.lathe.runs.GenerationState;
import dev.lathe.runs.SearchRequest.Constraints;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.WeightStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * NSGA-II over validation accuracy, predicted latency and parameters. Every generation is noted
 * with the algorithm's state in one transaction; a restart goes on from there.
 */
final class Searching {
  static final String ACCURACY = "accuracy";
  static final String LATENCY = "latencyMillis";
  static final String PARAMETERS = "parameters";

  /** The fact under which the seconds of searching are noted. */
  static final String SECONDS = "search.seconds";

  private final Run run;
  private final DevicePredictor predictor;

  Searching(Run run, DevicePredictor predictor) {
    this.run = run;
    this.predictor = predictor;
  }

  private record Cost(Subnet subnet, Estimate latency, CostReport cost) {}

  void run(WeightStore store, Evaluator evaluator) {
    SearchProblem problem = problem();
    Optional<GenerationState> last = run.store().lastGeneration();
    Search search =
        last.map(state -> Search.resume(problem, SearchState.parse(state.algorithmState())))
            .orElseGet(
                () ->
                    Search.start(
                        new Nsga2(run.settings().population(), 0.9, 1),
                        problem,
                        run.request().seed()));
    int generations = run.settings().generations();
    double start = run.clock().seconds();
    int first = last.map(GenerationState::number).orElse(-1) + 1;
    double before = run.facts().get(SECONDS, Double.class).orElse(0.0);
    Budget budget = run.settings().budget();
    for (int generation = first; generation < generations; generation++) {
      Duration elapsed =
          Duration.ofMillis((long) (1000 * (before + run.clock().seconds() - start)));
      if (budget.spent(problem, search.state(), elapsed)) {
        break;
      }
      List<Architecture> asked = search.ask(run.settings().population());
      if (asked.isEmpty()) {
        break;
      }
      List<CandidateRecord> candidates = evaluate(asked, store, evaluator);
      search.tell(candidates.stream().map(Searching::told).toList());
      run.store().generation(generation, candidates, search.state().toJson());
      run.facts().put(SECONDS, before + run.clock().seconds() - start);
      run.clock().save();
      run.progress(
          Stage.SEARCH,
          (generation + 1.0) / generations,
          "generation %d of %d: %d networks on the front, %.0f s left"
              .formatted(
                  generation + 1,
                  generations,
                  search.front().size(),
                  (run.clock().seconds() - start)
                      / (generation + 1 - first)
                      * (generations - generation - 1)));
    }
  }

  private SearchProblem problem() {
    SearchProblem problem =
        SearchProblem.of(
            run.space(),
            Objective.maximize(ACCURACY),
            Objective.minimize(LATENCY),
            Objective.minimize(PARAMETERS));
    List<Constraint> constraints = new ArrayList<>();
    Constraints asked = run.request().constraints();
    asked
        .maxLatencyMillis()
        .ifPresent(most -> constraints.add(Constraint.atMost(LATENCY + "Upper", most)));
    asked.minAccuracy().ifPresent(least -> constraints.add(Constraint.atLeast(ACCURACY, least)));
    return problem.constrained(constraints.toArray(Constraint[]::new));
  }

  private List<CandidateRecord> evaluate(
      List<Architecture> architectures, WeightStore store, Evaluator evaluator) {
    List<Cost> costs = architectures.stream().map(this::cost).toList();
    List<CandidateRecord> candidates = new ArrayList<>();
    int together = run.workers().count();
    for (int from = 0; from < costs.size(); from += together) {
      run.control().checkpoint();
      List<Cost> some = costs.subList(from, Math.min(costs.size(), from + together));
      List<Evaluator.Evaluation> evaluations =
          evaluator.evaluate(store, some.stream().map(Cost::subnet).toList());
      for (int i = 0; i < some.size(); i++) {
        candidates.add(
            record(architectures.get(from + i), some.get(i), evaluations.get(i).accuracy()));
      }
    }
    return candidates;
  }

  private Cost cost(Architecture architecture) {
    Subnet subnet = run.space().subnet(architecture);
    OnnxGraph outline = subnet.outline();
    return new Cost(
        subnet, predictor.predict(GraphFeatures.of(outline, 1)), CostReport.of(outline, 1));
  }

  private CandidateRecord record(Architecture architecture, Cost cost, Accuracy accuracy) {
    Constraints asked = run.request().constraints();
    double reached = DataFacts.headline(run.data(), accuracy);
    boolean feasible =
        cost.latency().upper() <= asked.maxLatencyMillis().orElse(Double.POSITIVE_INFINITY)
            && reached >= asked.minAccuracy().orElse(0);
    return new CandidateRecord(
        architecture,
        run.space().describe(architecture),
        feasible ? Status.OK : Status.INFEASIBLE,
        OptionalDouble.of(reached),
        cost.latency().millis(),
        cost.latency().lower(),
        cost.latency().upper(),
        cost.cost().parameters(),
        cost.cost().macs());
  }

  private static Evaluation told(CandidateRecord candidate) {
    return Evaluation.of(
        candidate.architecture(),
        Map.of(
            ACCURACY,
            candidate.validationAccuracy().orElseThrow(),
            LATENCY,
            candidate.predictedMillis(),
            LATENCY + "Upper",
            candidate.upperMillis(),
            PARAMETERS,
            (double) candidate.parameters()));
  }
}
