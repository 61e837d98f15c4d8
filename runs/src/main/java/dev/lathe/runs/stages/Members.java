package dev.lathe.runs.stages;

import dev.lathe.data.Accuracy;
import dev.lathe.graph.Extraction;
import dev.lathe.graph.Subnet;
import dev.lathe.metric.Figure;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Fine-tunes networks of the search's front from the shared weights and writes their files: each
 * network once, in the forms in which it lies on the front, and in float32 and int8 where these
 * were searched. The slowest comes first: from then on each learns from the answers of the best one
 * before it, too.
 */
final class Members {
  private final Run run;
  private final Finishing finishing;
  private final FormSpace space;

  Members(Run run, Finishing finishing) {
    this.run = run;
    this.finishing = finishing;
    this.space = new FormSpace(run.space(), run.forms().active());
  }

  /**
   * A network of the front with its forms.
   *
   * @param candidate as the search evaluated it
   * @param network its architecture, without a form
   */
  record Chosen(CandidateRecord candidate, Architecture network, Set<Form> forms) {}

  /** Makes a network of a chosen candidate. */
  interface Making {
    /**
     * Trains and gives it.
     *
     * @param key of the member
     * @param seconds that its training may take where the steps are open
     */
    Made make(String key, Chosen chosen, double seconds, Solo.Watcher watcher);
  }

  /**
   * A network and what its training took.
   *
   * @param crossValidated its accuracy by form, where images are few
   */
  record Made(OnnxGraph graph, Solo.Effort effort, Map<Form, Accuracy> crossValidated) {
    Made(OnnxGraph graph, Solo.Effort effort) {
      this(graph, effort, Map.of());
    }
  }

  /**
   * Writes all members, each trained from shared weights; where images are few, anew and alone, so
   * that folds judge networks that did not see them.
   *
   * @param weights with which a network's fine-tuning begins; closed here
   */
  void run(Function<CandidateRecord, WeightStore> weights) {
    Teachers teachers = new Teachers(run);
    write(
        (key, chosen, seconds, watcher) -> {
          Subnet shared = run.space().subnet(chosen.network());
          Extraction own = Extraction.of(shared, run.space().specs());
          if (run.folds().isPresent()) {
            return alone(key, own, chosen.forms(), seconds, run.folds().get(), watcher);
          }
          try (WeightStore all = weights.apply(chosen.candidate());
              WeightStore store = all.cut(shared, own)) {
            Supplier<Curriculum> curriculum =
                teachers
                    .best(key)
                    .<Supplier<Curriculum>>map(
                        teacher -> () -> Curriculum.taught(own.subnet(), teacher))
                    .orElse(() -> Curriculum.only(own.subnet()));
            Solo.Effort effort =
                new Solo(run)
                    .train(
                        key,
                        curriculum,
                        store,
                        Recipe.inherited(run, own.subnet()),
                        run.lessons(),
                        run.settings().fineTuneSteps(),
                        seconds,
                        watcher);
            OnnxGraph graph = finishing.graph(own.subnet(), store);
            teachers.keep(key, graph);
            return new Made(graph, effort);
          }
        });
  }

  private Made alone(
      String key,
      Extraction own,
      Set<Form> forms,
      double seconds,
      Folds folds,
      Solo.Watcher watcher) {
    Solo solo = new Solo(run);
    TrainingSettings recipe = Recipe.of(run, 1, own.subnet());
    Supplier<Curriculum> curriculum = () -> Curriculum.only(own.subnet());
    long steps =
        solo.steps(
            key,
            curriculum,
            own.tensors(),
            recipe,
            run.settings().fineTuneSteps(),
            seconds / CrossValidation.trainings());
    double start = run.clock().seconds();
    CrossValidation.Judged judged =
        new CrossValidation(run, folds)
            .judge(
                key,
                forms,
                (name, taught, statistics, told) -> {
                  try (WeightStore store =
                      WeightStore.initialised(own.tensors(), run.streams().at(name, 0))) {
                    Solo.Effort unused =
                        solo.train(
                            name,
                            curriculum,
                            store,
                            recipe,
                            DataFacts.lessons(taught, run.settings()),
                            OptionalLong.of(steps),
                            0,
                            told);
                    return own.subnet()
                        .export(store::values, statistics.statistics(store, own.subnet()));
                  }
                },
                watcher);
    return new Made(
        judged.network(),
        new Solo.Effort(steps, steps * recipe.batch(), run.clock().seconds() - start),
        judged.accuracy());
  }

  /** Writes all members that are not written yet. */
  void write(Making making) {
    write(run.settings().members(), making);
  }

  /** Likewise, so many members at most. */
  void write(int most, Making making) {
    List<Chosen> chosen = choose(most);
    List<Double> weights = chosen.stream().map(one -> weight(one.candidate())).toList();
    for (int i = chosen.size() - 1; i >= 0; i--) {
      String key = "member-" + (i + 1);
      Chosen one = chosen.get(i);
      if (finishing.isDone(key, one.forms())) {
        continue;
      }
      double done = chosen.size() - 1 - i;
      double seconds =
          Baselines.fineTuneSeconds(run, weights.subList(0, i + 1).reversed(), weights);
      Made made =
          making.make(
              key,
              one,
              seconds,
              (fraction, message) ->
                  run.progress(
                      Stage.FINE_TUNING,
                      (done + fraction) / chosen.size(),
                      "fine-tuning %s of %d: %s".formatted(key, chosen.size(), message)));
      finishing.write(
          new Finishing.Network(
              key,
              ArtifactRecord.Kind.MEMBER,
              made.graph(),
              run.space().describe(one.network()),
              made.effort(),
              made.crossValidated()),
          one.forms());
    }
  }

  /**
   * A member's claim on the training time: the square root of what an image costs it. For what is
   * lost for want of training falls about as one over the images seen, so that the sum is least
   * where time goes by that root; the smaller learn no more from what the larger need. An image
   * costs by about two thirds of the multiply-adds' power, since small networks leave a processor
   * partly idle.
   */
  private static double weight(CandidateRecord candidate) {
    Figure macs = candidate.figures().get(Metric.of(Quantity.MACS).name());
    return macs == null ? 1 : Math.cbrt(Math.max(1, macs.value()));
  }

  private List<Chosen> choose(int most) {
    List<CandidateRecord> front = Selection.front(run.store().candidates());
    if (front.isEmpty()) {
      throw new IllegalStateException(
          "none of %d networks keeps the constraints %s. Maybe loosen them, or widen the search space."
              .formatted(run.store().candidates().size(), run.problem().limits()));
    }
    Map<Architecture, Chosen> byNetwork = new LinkedHashMap<>();
    for (CandidateRecord candidate : front) {
      byNetwork
          .computeIfAbsent(
              space.network(candidate.architecture()),
              network -> new Chosen(candidate, network, new LinkedHashSet<>()))
          .forms()
          .add(space.form(candidate.architecture()));
    }
    List<CandidateRecord> networks =
        new ArrayList<>(byNetwork.values().stream().map(Chosen::candidate).toList());
    List<Chosen> chosen =
        Selection.covering(networks, along(), most).stream()
            .map(candidate -> byNetwork.get(space.network(candidate.architecture())))
            .toList();
    for (Chosen one : chosen) {
      Form.USUAL.stream().filter(run.forms().active()::contains).forEach(one.forms()::add);
    }
    return chosen;
  }

  /** The metric in whose order members are numbered: the first device's latency if it counts. */
  private String along() {
    return run.problem().metrics().stream()
        .filter(metric -> metric.quantity().orElse(null) == Quantity.LATENCY)
        .findFirst()
        .orElse(Metric.of(Quantity.MACS))
        .name();
  }

  /** The longest that any member was fine-tuned. */
  static double longestSeconds(RunStore store) {
    return records(store).mapToDouble(record -> record.fineTuneSeconds().orElse(0)).max().orElse(0);
  }

  /** How many networks there are, each in whatever forms. */
  static int count(RunStore store) {
    return (int) records(store).map(ArtifactRecord::labels).distinct().count();
  }

  private static Stream<ArtifactRecord> records(RunStore store) {
    return store.artifacts().stream()
        .map(StoredArtifact::record)
        .filter(record -> record.kind() == ArtifactRecord.Kind.MEMBER)
        .filter(record -> !record.labels().isEmpty());
  }
}
