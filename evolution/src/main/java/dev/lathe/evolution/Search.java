package dev.lathe.evolution;

import dev.lathe.evolution.SearchState.Trial;
import dev.lathe.evolution.front.ParetoArchive;
import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A running search: one {@link SearchMethod} on one {@link SearchProblem}. */
public final class Search implements SearchAlgorithm {
  private final SearchMethod method;
  private final long seed;
  private final boolean repeats;
  private final Trials trials;
  private final Proposer proposer;

  /** Trials asked for and not told, in order. */
  private final List<Integer> pending = new ArrayList<>();

  private Search(SearchMethod method, SearchProblem problem, long seed, boolean repeats) {
    this.method = method;
    this.seed = seed;
    this.repeats = repeats;
    this.trials = new Trials(problem, new RandomStreams(seed), repeats);
    this.proposer = method.proposer();
  }

  /** A new search. Known results may be told before the first ask: a warm start. */
  public static Search start(SearchMethod method, SearchProblem problem, long seed) {
    return new Search(method, problem, seed, false);
  }

  /** As {@link #start}, but an architecture may be asked for again: only to measure speed. */
  public static Search startWithRepeats(SearchMethod method, SearchProblem problem, long seed) {
    return new Search(method, problem, seed, true);
  }

  /**
   * The search as it was when its state was taken: it asks what that would have asked.
   *
   * @throws IllegalArgumentException if the state is of another space, or its results lack a metric
   *     that the problem reads
   */
  public static Search resume(SearchProblem problem, SearchState state) {
    Search search = new Search(state.method(), problem, state.seed(), state.repeats());
    for (Trial trial : state.trials()) {
      problem.space().check(trial.architecture());
      int number = search.trials.size();
      if (!search.trials.claim(trial.architecture())) {
        throw new IllegalArgumentException(
            "architecture %s is in the state twice.".formatted(trial.architecture()));
      }
      switch (trial) {
        case Trial.Pending _ -> search.pending.add(number);
        case Trial.Told told ->
            search.trials.tell(
                number, told.evaluation(), search.trials.individual(number, told.evaluation()));
      }
    }
    return search;
  }

  @Override
  public int batch() {
    return method.batch();
  }

  @Override
  public List<Architecture> ask(int atMost) {
    if (atMost < 1) {
      throw new IllegalArgumentException("asked for %d, must be >= 1.".formatted(atMost));
    }
    int before = trials.size();
    proposer.propose(trials, atMost);
    List<Architecture> asked = new ArrayList<>(trials.size() - before);
    for (int trial = before; trial < trials.size(); trial++) {
      asked.add(trials.architecture(trial));
      pending.add(trial);
    }
    return asked;
  }

  private record Entry(int trial, Evaluation result, @Nullable Individual individual) {}

  @Override
  public void tell(Collection<? extends Evaluation> results) {
    List<Integer> open = new ArrayList<>(pending);
    List<Entry> entries = new ArrayList<>(results.size());
    Set<Architecture> unasked = new HashSet<>();
    int cursor = 0;
    for (Evaluation result : results) {
      int place = place(open, cursor, result.architecture());
      if (place < 0) {
        Evaluation known = canonical(result);
        if (trials.seen(known.architecture()) || !unasked.add(known.architecture())) {
          throw new IllegalArgumentException(
              "architecture %s already has a result.".formatted(known.architecture()));
        }
        entries.add(new Entry(-1, known, trials.individual(-1, known)));
      } else {
        int trial = open.get(place);
        open.set(place, -1);
        cursor = place + 1;
        entries.add(new Entry(trial, result, trials.individual(trial, result)));
      }
    }
    pending.clear();
    for (int trial : open) {
      if (trial >= 0) {
        pending.add(trial);
      }
    }
    for (Entry entry : entries) {
      int trial = entry.trial();
      if (trial < 0) {
        trial = trials.size();
        trials.claim(entry.result().architecture());
        trials.tell(trial, entry.result(), trials.individual(trial, entry.result()));
      } else {
        trials.tell(trial, entry.result(), entry.individual());
      }
    }
  }

  /** Where the open trial of an architecture is, looking first where it is expected; or -1. */
  private int place(List<Integer> open, int expected, Architecture architecture) {
    for (int i = 0, n = open.size(); i < n; i++) {
      int place = (expected + i) % n;
      int trial = open.get(place);
      if (trial >= 0 && trials.architecture(trial).equals(architecture)) {
        return place;
      }
    }
    return -1;
  }

  private Evaluation canonical(Evaluation result) {
    Architecture architecture = trials.space().canonical(result.architecture());
    return switch (result) {
      case Evaluation.Measured measured -> Evaluation.of(architecture, measured.metrics());
      case Evaluation.Failed failed -> Evaluation.failed(architecture, failed.reason());
    };
  }

  @Override
  public List<Architecture> pending() {
    return pending.stream().map(trials::architecture).toList();
  }

  @Override
  public List<Evaluation.Measured> front() {
    ParetoArchive<Individual> archive = new ParetoArchive<>(trials.problem().objectives().size());
    for (Individual individual : trials.measured()) {
      if (individual.feasible()) {
        archive.add(individual.costs(), individual);
      }
    }
    List<Integer> members =
        new ArrayList<>(archive.entries().stream().map(e -> e.value().trial()).sorted().toList());
    List<Evaluation.Measured> front = new ArrayList<>();
    for (int trial : members) {
      if (trials.result(trial) instanceof Evaluation.Measured measured) {
        front.add(measured);
      }
    }
    return front;
  }

  @Override
  public SearchState state() {
    List<Trial> all = new ArrayList<>(trials.size());
    for (int trial = 0; trial < trials.size(); trial++) {
      Evaluation result = trials.result(trial);
      all.add(
          result == null ? new Trial.Pending(trials.architecture(trial)) : new Trial.Told(result));
    }
    return new SearchState(method, seed, repeats, all);
  }

  /** The state without its trials, as JSON: for those who keep the trials apart. */
  public String header() {
    return new SearchState(method, seed, repeats, List.of()).toJson();
  }
}
