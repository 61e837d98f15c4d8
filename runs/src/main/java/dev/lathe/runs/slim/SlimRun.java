package dev.lathe.runs.slim;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.ForeignModel;
import dev.lathe.compress.Simplification;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.data.Progress;
import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.Search;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.Sha256;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.elastic.ElasticModel;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.program.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a trained model slimmer: its channels sorted by what they contribute, its cuts searched by
 * predicted latency and by what is left of its answers, the chosen ones trained by the original,
 * compressed and measured beside it. What is done is kept in the output folder; a run that was
 * stopped goes on there.
 */
public final class SlimRun {
  /** Shares of the time: of the search, and of the training of each member. */
  private static final double SEARCH_SHARE = 0.25;

  private static final double[] TUNING_SHARES = {0.7, 0.3};
  private static final double RESERVED_SHARE = 0.1;
  private static final int CANDIDATES = 6;

  private final SlimSettings settings;
  private final ForeignModel foreign;
  private final OnnxGraph original;
  private final Stages progress;
  private final SlimState state;
  private final long start = System.nanoTime();

  /** Is told how far a run is. */
  public interface Stages {
    /**
     * @param fraction of the stage, in [0, 1]
     */
    void at(String stage, double fraction, String message);
  }

  /**
   * @param model as read from the settings' file, and found to run
   */
  public SlimRun(SlimSettings settings, ForeignModel model, Stages progress) {
    this.settings = settings;
    this.foreign = model;
    this.original = Simplification.of(model.graph());
    this.progress = progress;
    this.state = new SlimState(settings.out().resolve("run"));
  }

  private Progress stage(String name) {
    return (fraction, message) -> progress.at(name, fraction, message);
  }

  /** What a run began with; another request in the same folder is refused. */
  record Begun(String modelSha256, String request, double secondsBefore) {}

  /** What is trained, with its latency as measured when it was chosen. */
  record Chosen(List<int[]> architectures, List<Double> millis, double originalMillis) {}

  /** How long each member is trained. */
  record Plan(List<Long> steps) {}

  /**
   * Runs to the end.
   *
   * @throws OnnxException if nothing can be left out, or the model cannot be trained; names what
   *     prevents it
   * @throws IOException if files cannot be written, or the machine cannot measure
   */
  public SlimReport run() throws IOException {
    begin();
    SortedModel.requireElastic(original);
    SlimData data = SlimData.open(original, settings, stage("data"));
    settings.budget().ifPresent(budget -> budget.requireItems(data.test().items()));
    if (data.examples().isPresent()) {
      Program.of(original, Set.of()).close(); // refuses what cannot be trained
    }
    SortedModel.Order ordered =
        state.once(
            "order",
            SortedModel.Order.class,
            () -> SortedModel.order(original, data.calibration(), data.search(), stage("order")));
    SortedModel model = SortedModel.of(original, ordered, data.calibration());
    ElasticModel space = model.space();
    try (LocalCpu device = LocalCpu.start()) {
      LatencyModel latency =
          state.once(
              "latency",
              LatencyModel.class,
              () ->
                  LatencyModel.measured(
                      space,
                      device,
                      state.file("scratch.onnx"),
                      settings.seed(),
                      stage("latencies")));
      ElasticSearch searching = new ElasticSearch(model, latency, data.search());
      double begun = seconds();
      Search search =
          searching.run(
              state,
              settings.seed(),
              () -> (seconds() - begun) / (SEARCH_SHARE * 60 * settings.minutes()),
              stage("search"));
      Chosen chosen = state.once("chosen", Chosen.class, () -> choose(search, searching, device));
      List<Path> members = train(chosen, searching, data);
      return new SlimFinish(
              settings, foreign, original, space, data, state, device, stage("figures"))
          .report(latency, ordered, search, searching, chosen, members, plan(), this::seconds);
    }
  }

  private double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  private void begin() throws IOException {
    String request =
        "data %s, labels %s, latency %s or %s of the original's, drop %s, minutes %s, seed %d"
            .formatted(
                settings.data(),
                settings.labels(),
                settings.maxLatencyMillis(),
                settings.latencyShare(),
                settings
                    .budget()
                    .map(b -> "%s with confidence %s".formatted(b.most(), b.confidence()))
                    .orElse("any"),
                settings.minutes(),
                settings.seed());
    Begun wanted = new Begun(Sha256.of(original.toBytes()), request, 0);
    Begun found = state.once("request", Begun.class, () -> wanted);
    if (!found.modelSha256().equals(wanted.modelSha256()) || !found.request().equals(request)) {
      throw new IOException(
          "folder '%s' has a run of another request (%s). Maybe choose another --out, or delete it."
              .formatted(settings.out(), found.request()));
    }
  }

  /** Measures what promises most below the latency that is asked for, and some above it. */
  private Chosen choose(Search search, ElasticSearch searching, LocalCpu device)
      throws IOException {
    Path file = state.file("original.onnx");
    original.write(file);
    double whole = device.compare(List.of(file)).getFirst().p50();
    double wanted = settings.maxLatencyMillis().orElse(settings.latencyShare() * whole);
    List<Evaluation.Measured> seen = new ArrayList<>();
    search
        .state()
        .trials()
        .forEach(
            trial ->
                trial
                    .result()
                    .filter(Evaluation.Measured.class::isInstance)
                    .map(Evaluation.Measured.class::cast)
                    .ifPresent(seen::add));
    Set<Architecture> candidates = new LinkedHashSet<>();
    for (double margin : new double[] {0.85, 1, 1.1}) {
      seen.stream()
          .filter(e -> e.metrics().get(ElasticSearch.LATENCY) <= margin * wanted)
          .sorted(Comparator.comparingDouble(e -> -e.metrics().get(ElasticSearch.SCORE)))
          .limit(CANDIDATES / 2)
          .forEach(e -> candidates.add(e.architecture()));
    }
    double between = (wanted + whole) / 2;
    Architecture second =
        seen.stream()
            .filter(e -> e.metrics().get(ElasticSearch.LATENCY) <= between)
            .max(Comparator.comparingDouble(e -> e.metrics().get(ElasticSearch.SCORE)))
            .map(Evaluation.Measured::architecture)
            .orElse(null);
    if (candidates.isEmpty()) {
      throw new IOException(
          "no cut of the model is predicted to take %.4f ms or less; the original takes %.4f. Maybe ask for more."
              .formatted(wanted, whole));
    }
    if (second != null) {
      candidates.add(second);
    }
    List<Architecture> order = List.copyOf(candidates);
    List<Path> files = new ArrayList<>(List.of(file));
    for (int i = 0; i < order.size(); i++) {
      Path candidate = state.file("candidate-%d.onnx".formatted(i));
      searching.graph(order.get(i)).write(candidate);
      files.add(candidate);
    }
    List<Measurement> found = device.compare(files);
    double now = found.getFirst().p50();
    double limit = settings.maxLatencyMillis().orElse(settings.latencyShare() * now);
    Map<Architecture, Double> scores = new LinkedHashMap<>();
    seen.forEach(e -> scores.put(e.architecture(), e.metrics().get(ElasticSearch.SCORE)));
    int first = -1;
    int fastest = 0;
    for (int i = 0; i < order.size(); i++) {
      if (found.get(i + 1).p50() < found.get(fastest + 1).p50()) {
        fastest = i;
      }
      boolean better = first < 0 || scores.get(order.get(i)) > scores.get(order.get(first));
      if (found.get(i + 1).p50() <= limit && better) {
        first = i;
      }
    }
    int main = first < 0 ? fastest : first;
    List<int[]> architectures = new ArrayList<>(List.of(order.get(main).toArray()));
    List<Double> millis = new ArrayList<>(List.of(found.get(main + 1).p50()));
    if (second != null && !second.equals(order.get(main))) {
      architectures.add(second.toArray());
      millis.add(found.get(order.indexOf(second) + 1).p50());
    }
    return new Chosen(architectures, millis, now);
  }

  private Plan plan() throws IOException {
    return state.read("plan", Plan.class).orElse(new Plan(List.of()));
  }

  private List<Path> train(Chosen chosen, ElasticSearch searching, SlimData data)
      throws IOException {
    List<Path> files = new ArrayList<>();
    Plan plan =
        data.examples().isEmpty()
            ? new Plan(chosen.architectures().stream().map(a -> 0L).toList())
            : state.once("plan", Plan.class, () -> plan(chosen, searching, data));
    for (int i = 0; i < chosen.architectures().size(); i++) {
      Path file = state.file("member-%d.onnx".formatted(i));
      files.add(file);
      if (Files.exists(file)) {
        continue;
      }
      OnnxGraph member = searching.graph(Architecture.of(chosen.architectures().get(i)));
      if (plan.steps().get(i) > 0) {
        int number = i;
        Progress told =
            (fraction, message) ->
                progress.at(
                    "training",
                    (number + fraction) / chosen.architectures().size(),
                    "network %d: %s".formatted(number + 1, message));
        MemberWeights.Best best;
        try (Workers workers = Workers.ofProcessors()) {
          best = tuning(data, workers).best(member, plan.steps().get(number), told);
        }
        state.write("weights-" + i, new MemberWeights.Kept(best.weights(), best.score().value()));
        member = best.model();
      }
      member.write(file);
    }
    return files;
  }

  /** As many steps as the rest of the time allows, by the time that a few take. */
  private Plan plan(Chosen chosen, ElasticSearch searching, SlimData data) {
    List<Long> steps = new ArrayList<>();
    double left = Math.max(10, settings.minutes() * 60 * (1 - RESERVED_SHARE) - seconds());
    int members = chosen.architectures().size();
    for (int i = 0; i < members; i++) {
      OnnxGraph member = searching.graph(Architecture.of(chosen.architectures().get(i)));
      double share = members == 1 ? 1 : TUNING_SHARES[i];
      try (Workers workers = Workers.ofProcessors()) {
        steps.add(tuning(data, workers).steps(member, share * left, Progress.none()));
      }
    }
    return new Plan(steps);
  }

  private Tuning tuning(SlimData data, Workers workers) {
    boolean labels = settings.labels() && data.images().isPresent();
    return new Tuning(original, data.lessons(), labels, settings.seed(), workers);
  }

  /** The int8 twin of a model; empty, with the reason told, where none can be made. */
  static Optional<OnnxGraph> int8(OnnxGraph model, SlimData data, List<String> notes) {
    CompressionRecipe recipe = CompressionRecipe.named("int8").orElseThrow();
    try {
      return Optional.of(Compressor.apply(recipe, model, data.calibration()).model());
    } catch (CompressionException | OnnxException e) {
      notes.add("there is no int8 twin: " + e.getMessage());
      return Optional.empty();
    }
  }
}
