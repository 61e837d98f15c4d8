package dev.lathe.runs.slim;

import dev.lathe.data.Progress;
import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.Objective;
import dev.lathe.evolution.PredictorSearch;
import dev.lathe.evolution.Search;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.evolution.SearchState;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.elastic.ElasticModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * Searches the cuts of a model: few parameters of latency, much of the score when the readers are
 * refitted and nothing is trained. What is told: {@value #SCORE}, the mean of the score and of the
 * closeness to the original's answers, and the predicted {@value #LATENCY}.
 */
final class ElasticSearch {
  static final String SCORE = "score";
  static final String LATENCY = "latency";
  private static final int MOST_EVALUATIONS = 400;

  private final SortedModel model;
  private final ElasticModel space;
  private final LatencyModel latency;
  private final Judge judge;

  ElasticSearch(SortedModel model, LatencyModel latency, Judge judge) {
    this.model = model;
    this.space = model.space();
    this.latency = latency;
    this.judge = judge;
  }

  /** What is kept of a search, after each batch. */
  record Kept(String state, boolean done, double seconds) {}

  /** The cut of an architecture, its readers fitted, not trained. */
  OnnxGraph graph(Architecture architecture) {
    return model.graph(architecture);
  }

  private Evaluation evaluate(Architecture architecture) {
    Judge.Score score = judge.of(graph(architecture));
    return Evaluation.of(
        architecture,
        Map.of(
            SCORE,
            (score.value() + score.closeness()) / 2,
            LATENCY,
            latency.predict(space, architecture).millis()));
  }

  /**
   * Searches until the time is over or enough has been seen.
   *
   * @param fractionOfTime what has passed of the time that the search may take, from 0
   */
  Search run(SlimState state, long seed, DoubleSupplier fractionOfTime, Progress progress)
      throws IOException {
    SearchProblem problem =
        SearchProblem.of(space, Objective.maximize(SCORE), Objective.minimize(LATENCY));
    Optional<Kept> kept = state.read("search", Kept.class);
    double before = kept.map(Kept::seconds).orElse(0.0);
    long start = System.nanoTime();
    Search search =
        kept.isPresent()
            ? Search.resume(problem, SearchState.parse(kept.get().state()))
            : Search.start(PredictorSearch.standard(), problem, seed);
    if (kept.isPresent() && kept.get().done()) {
      return search;
    }
    if (kept.isEmpty()) {
      List<Evaluation> known = new ArrayList<>();
      for (Architecture architecture : uniform()) {
        progress.at(fractionOfTime.getAsDouble(), "the same share of every group");
        known.add(evaluate(architecture));
      }
      search.tell(known);
      state.write("search", new Kept(search.state().toJson(), false, before));
    }
    boolean more = true;
    while (more) {
      List<Architecture> asked =
          search.pending().isEmpty() ? search.ask(search.batch()) : search.pending();
      List<Evaluation> told = new ArrayList<>();
      for (Architecture architecture : asked) {
        told.add(evaluate(architecture));
        progress.at(
            fractionOfTime.getAsDouble(),
            "networks evaluated: %d".formatted(search.state().trials().size()));
      }
      search.tell(told);
      int seen = search.state().trials().size();
      more = !asked.isEmpty() && fractionOfTime.getAsDouble() < 1 && seen < MOST_EVALUATIONS;
      double seconds = before + (System.nanoTime() - start) / 1e9;
      state.write("search", new Kept(search.state().toJson(), !more, seconds));
    }
    return search;
  }

  /** The original, and cuts that keep the same share of every group: what a search must beat. */
  private List<Architecture> uniform() {
    Set<Architecture> found = new LinkedHashSet<>();
    for (int eighths = 8; eighths >= 2; eighths--) {
      int[] choices = new int[space.genes().size()];
      for (int g = 0; g < choices.length; g++) {
        int last = space.genes().get(g).size() - 1;
        boolean width = g < space.structure().groups().size();
        choices[g] = width ? (int) Math.round(last * (eighths - 1) / 7.0) : last;
      }
      found.add(space.canonical(Architecture.of(choices)));
    }
    return List.copyOf(found);
  }
}
