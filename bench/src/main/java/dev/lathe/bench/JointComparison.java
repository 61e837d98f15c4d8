package dev.lathe.bench;

import dev.lathe.data.Augmentation;
import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.Objective;
import dev.lathe.evolution.Search;
import dev.lathe.evolution.SearchMethod;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.evolution.SearchState;
import dev.lathe.evolution.front.Hypervolume;
import dev.lathe.space.Architecture;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.policy.PrecisionSpace;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Architecture and precisions searched together (SimQ-NAS, arXiv:2312.13301), beside searches of
 * architectures alone whose layers are all float32, or all int8; each with the same number of
 * evaluations, on one supernet, one device and the same images.
 */
final class JointComparison {
  private final Settings settings;
  private final DataSet data;
  private final NetworkSpace networks;
  private final PrecisionSpace space;
  private final Kept kept;
  private final Workers workers;
  private final Progress progress;
  private final RandomStreams streams;

  /** What the results depend on. */
  record Settings(
      String data,
      String space,
      long seed,
      String algorithm,
      long steps,
      int batch,
      int evaluations,
      int workers) {}

  /** A member of a front. */
  record Member(double accuracy, double millis, double bytes, Map<String, String> architecture) {}

  /**
   * One search.
   *
   * @param hypervolume of accuracy, latency and bytes, as a share of that of all searches together
   * @param failed evaluations without a latency
   */
  record Found(String searched, double hypervolume, int failed, List<Member> front) {}

  JointComparison(
      Settings settings, ImageTask task, Kept kept, Workers workers, Progress progress) {
    this.settings = settings;
    this.data = task.data();
    this.networks = task.space();
    this.space = new PrecisionSpace(networks);
    this.kept = kept;
    this.workers = workers;
    this.progress = progress;
    this.streams = new RandomStreams(settings.seed());
  }

  List<Found> run(LocalDevice device) throws IOException {
    try (WeightStore store = WeightStore.initialised(networks.specs(), streams.at("weights", 0))) {
      new EvolutionRival(networks, data, streams, workers, progress)
          .train(
              store,
              TrainingSettings.of(settings.steps(), Augmentation.of(data))
                  .withBatch(settings.batch()),
              kept.file("supernet.safetensors"));
      try (JointJudge judge = new JointJudge(space, store, data, device, streams, workers, kept)) {
        SearchProblem together = problem(space);
        SearchProblem alone = problem(networks);
        return compared(
            List.of("architecture and precisions", "float32 architectures", "int8 architectures"),
            List.of(
                search("together", together, UnaryOperator.identity(), judge),
                search("float32", alone, a -> space.uniform(a, PrecisionSpace.FLOAT), judge),
                search("int8", alone, a -> space.uniform(a, PrecisionSpace.INTEGER), judge)));
      }
    }
  }

  private static SearchProblem problem(SearchSpace searched) {
    return SearchProblem.of(
        searched,
        Objective.maximize(JointJudge.ACCURACY),
        Objective.minimize(JointJudge.MILLIS),
        Objective.minimize(JointJudge.BYTES));
  }

  /** Runs a search, or the rest of one. */
  private Search search(
      String name, SearchProblem problem, UnaryOperator<Architecture> joint, JointJudge judge)
      throws IOException {
    Path file = kept.file(name + ".search.json");
    Search search =
        Files.exists(file)
            ? Search.resume(problem, SearchState.parse(Files.readString(file)))
            : Search.start(SearchMethod.named(settings.algorithm()), problem, settings.seed());
    int done = search.state().trials().size();
    while (done < settings.evaluations()) {
      List<Architecture> asked =
          search.ask(Math.min(search.batch(), settings.evaluations() - done));
      if (asked.isEmpty()) {
        break;
      }
      List<Evaluation> judged = judge.judge(asked.stream().map(joint).toList());
      List<Evaluation> told = new ArrayList<>();
      for (int i = 0; i < asked.size(); i++) {
        told.add(
            switch (judged.get(i)) {
              case Evaluation.Measured(_, Map<String, Double> metrics) ->
                  Evaluation.of(asked.get(i), metrics);
              case Evaluation.Failed(_, String reason) -> Evaluation.failed(asked.get(i), reason);
            });
      }
      search.tell(told);
      done += asked.size();
      Path partial = kept.file(name + ".partial");
      Files.writeString(partial, search.state().toJson());
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
      progress.at(
          (double) done / settings.evaluations(),
          "%s: %d of %d evaluations".formatted(name, done, settings.evaluations()));
    }
    return search;
  }

  private List<Found> compared(List<String> names, List<Search> searches) {
    List<Evaluation.Measured> all =
        searches.stream().flatMap(search -> measured(search).stream()).toList();
    double[] reference = {
      0,
      all.stream().mapToDouble(e -> e.metrics().get(JointJudge.MILLIS)).max().orElse(0),
      all.stream().mapToDouble(e -> e.metrics().get(JointJudge.BYTES)).max().orElse(0)
    };
    double whole = volume(all, reference);
    List<Found> found = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Search search = searches.get(i);
      List<Evaluation.Measured> measured = measured(search);
      found.add(
          new Found(
              names.get(i),
              volume(measured, reference) / whole,
              search.state().trials().size() - measured.size(),
              members(search, i == 0 ? space : networks)));
    }
    return found;
  }

  private static List<Evaluation.Measured> measured(Search search) {
    return search.state().trials().stream()
        .flatMap(trial -> trial.result().stream())
        .filter(Evaluation.Measured.class::isInstance)
        .map(Evaluation.Measured.class::cast)
        .toList();
  }

  private static double volume(List<Evaluation.Measured> evaluations, double[] reference) {
    return Hypervolume.of(
        evaluations.stream()
            .map(Evaluation.Measured::metrics)
            .map(
                m ->
                    new double[] {
                      -m.get(JointJudge.ACCURACY), m.get(JointJudge.MILLIS), m.get(JointJudge.BYTES)
                    })
            .toArray(double[][]::new),
        reference);
  }

  private static List<Member> members(Search search, SearchSpace searched) {
    return search.front().stream()
        .map(
            one ->
                new Member(
                    one.metrics().get(JointJudge.ACCURACY),
                    one.metrics().get(JointJudge.MILLIS),
                    one.metrics().get(JointJudge.BYTES),
                    searched.describe(one.architecture())))
        .sorted(Comparator.comparingDouble(Member::millis))
        .toList();
  }
}
