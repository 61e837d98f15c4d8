package dev.lathe.runs.slim;

import dev.lathe.compress.ForeignModel;
import dev.lathe.compress.claim.Budget;
import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.Search;
import dev.lathe.evolution.SearchState;
import dev.lathe.evolution.front.Hypervolume;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.Sha256;
import dev.lathe.latency.Estimate;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.elastic.ElasticModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/** The last stage: twins in int8, figures on what no one saw, and the report. */
final class SlimFinish {
  private final SlimSettings settings;
  private final ForeignModel foreign;
  private final OnnxGraph original;
  private final ElasticModel space;
  private final SlimData data;
  private final SlimState state;
  private final LocalCpu device;
  private final Progress progress;

  SlimFinish(
      SlimSettings settings,
      ForeignModel foreign,
      OnnxGraph original,
      ElasticModel space,
      SlimData data,
      SlimState state,
      LocalCpu device,
      Progress progress) {
    this.settings = settings;
    this.foreign = foreign;
    this.original = original;
    this.space = space;
    this.data = data;
    this.state = state;
    this.device = device;
    this.progress = progress;
  }

  SlimReport report(
      LatencyModel latency,
      SortedModel.Order ordered,
      Search search,
      ElasticSearch searching,
      SlimRun.Chosen chosen,
      List<Path> members,
      SlimRun.Plan plan,
      DoubleSupplier seconds)
      throws IOException {
    progress.at(0, "int8 twins");
    List<String> notes = new ArrayList<>();
    data.untrained().ifPresent(reason -> notes.add("cut and refitted, not trained: " + reason));
    List<Written> written = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      OnnxGraph model = OnnxGraph.read(members.get(i));
      original.metadata().forEach(model.metadata()::put);
      Optional<OnnxGraph> twin = SlimRun.int8(model, data, notes);
      written.add(write(i, "", "float32", model, twin.isPresent() ? name(i) + "-int8" : ""));
      if (twin.isPresent()) {
        written.add(write(i, "-int8", "int8", twin.get(), name(i)));
      }
    }
    List<Path> files = new ArrayList<>(List.of(state.file("original.onnx")));
    written.forEach(member -> files.add(member.file()));
    progress.at(0.3, "%d files measured in turns".formatted(files.size()));
    List<Measurement> measured = device.compare(files);
    List<SlimReport.Member> front = new ArrayList<>();
    Judge.Score whole = data.test().of(original);
    List<Written> fast = new ArrayList<>();
    Map<String, Double> scores = new LinkedHashMap<>();
    double limit =
        settings.maxLatencyMillis().orElse(settings.latencyShare() * measured.getFirst().p50());
    for (int i = 0; i < written.size(); i++) {
      progress.at(0.5 + 0.5 * i / written.size(), "scores on held-out items");
      Measurement found = measured.get(i + 1);
      SlimReport.Member member =
          member(
              written.get(i),
              Architecture.of(chosen.architectures().get(written.get(i).member())),
              plan,
              latency,
              searching,
              found);
      front.add(member);
      if (found.p50() <= limit) {
        fast.add(written.get(i));
        scores.put(written.get(i).name(), member.validationAccuracy());
      }
    }
    fast.sort(Comparator.comparingDouble(file -> -scores.get(file.name())));
    Optional<SlimReport.Budget> budget = settings.budget().map(most -> tested(most, fast));
    boolean met = !fast.isEmpty() && budget.map(SlimReport.Budget::kept).orElse(true);
    CostReport costs = CostReport.of(original, 1);
    Path file = state.file("original.onnx");
    List<double[]> volumes = hypervolumes(search, measured.getFirst().p50());
    return new SlimReport(
        settings.seed(),
        request(),
        facts(),
        data.test().name(),
        List.of(new SlimReport.Device(LocalCpu.NAME, "cpu", device.runtime(), 1, device.isQuiet())),
        List.of(
            new SlimReport.Predictor(
                LocalCpu.NAME,
                "float32",
                latency.report().kind(),
                latency.report().samples(),
                latency.report().heldOut(),
                latency.report().spearman(),
                latency.report().mape(),
                latency.report().within10())),
        new SlimReport.Order(ordered.chosen(), ordered.scores()),
        space.structure().fixed().stream()
            .map(f -> new SlimReport.Fixed(f.name(), f.size(), f.pin().where(), f.pin().why()))
            .toList(),
        new SlimReport.SearchFigures(
            search.state().method().name(),
            search.state().trials().size(),
            state.read("search", ElasticSearch.Kept.class).orElseThrow().seconds(),
            volumes.isEmpty() ? 0 : volumes.getLast()[1]),
        volumes,
        new SlimReport.Original(
            settings.model().toString(),
            Files.size(settings.model()),
            costs.macs(),
            costs.parameters(),
            figures(file, whole, measured.getFirst())),
        front,
        budget.orElse(null),
        met,
        notes,
        seconds.getAsDouble());
  }

  /** A file of a member in one form. */
  private record Written(int member, String name, String form, String twin, Path file) {}

  /**
   * Tests files in turn, the one first that the search's data say is best; each further one must
   * pass a stricter test.
   */
  private SlimReport.Budget tested(Budget budget, List<Written> files) {
    double[] before = data.test().values(original);
    Budget.Tested tested =
        budget.first(
            files.size(),
            (test, i) ->
                test.addUntilKept(before, data.test().values(OnnxGraph.read(files.get(i).file()))));
    return new SlimReport.Budget(
        budget.most(),
        budget.confidence(),
        tested.kept(),
        tested.model() < 0 ? "" : files.get(tested.model()).name(),
        tested.drop(),
        tested.items(),
        tested.tries());
  }

  private Written write(int member, String suffix, String form, OnnxGraph model, String twin) {
    Path file = settings.out().resolve(name(member) + suffix + ".onnx");
    foreign.finished(model).write(file);
    return new Written(member, name(member) + suffix, form, twin, file);
  }

  private SlimReport.Member member(
      Written written,
      Architecture architecture,
      SlimRun.Plan plan,
      LatencyModel latency,
      ElasticSearch searching,
      Measurement found)
      throws IOException {
    OnnxGraph cut = space.sized(space.cut(architecture).graph(), architecture);
    OnnxGraph model = OnnxGraph.read(written.file());
    Judge.Score test = data.test().of(model);
    CostReport costs = CostReport.of(cut, 1);
    boolean isFloat = written.form().equals("float32");
    return new SlimReport.Member(
        written.name(),
        written.twin(),
        written.form(),
        written.form(),
        data.search().of(model).value(),
        test.value(),
        data.test().of(cut).value(),
        data.test().of(searching.graph(architecture)).value(),
        Files.size(written.file()),
        costs.macs(),
        costs.parameters(),
        List.of(latency(found, latency.predict(space, architecture), isFloat)),
        figures(written.file(), test, found),
        space.describe(architecture),
        written.member() < plan.steps().size() ? plan.steps().get(written.member()) : 0,
        state
            .read("weights-" + written.member(), MemberWeights.Kept.class)
            .map(MemberWeights.Kept::weights)
            .orElse(MemberWeights.REFITTED),
        written.file().toString(),
        Sha256.of(Files.readAllBytes(written.file())));
  }

  private static String name(int member) {
    return "slim-" + (member + 1);
  }

  private Map<String, Object> request() {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("model", settings.model().toString());
    request.put("data", settings.data());
    request.put("labels", settings.labels());
    request.put("score", data.test().name());
    request.put("device", LocalCpu.NAME);
    settings.maxLatencyMillis().ifPresent(m -> request.put("maxLatencyMillis", m));
    request.put("latencyShare", settings.latencyShare());
    settings
        .budget()
        .ifPresent(
            budget -> {
              request.put("maxDrop", budget.most());
              request.put("confidence", budget.confidence());
            });
    request.put("minutes", settings.minutes());
    request.put("seed", settings.seed());
    return request;
  }

  private SlimReport.Data facts() {
    return data.images()
        .map(
            (DataSet set) ->
                new SlimReport.Data(
                    set.name(),
                    set.train().size(),
                    set.validation().size(),
                    set.test().size(),
                    set.sha256()))
        .orElseGet(
            () -> {
              int items = data.calibration().images();
              return new SlimReport.Data(
                  settings.data(), items / 2, items / 4, items - items * 3 / 4, "");
            });
  }

  private static SlimReport.Latency latency(Measurement found, Estimate estimate, boolean known) {
    return new SlimReport.Latency(
        LocalCpu.NAME,
        found.threads(),
        found.batch(),
        found.p50(),
        found.p90(),
        found.samplesMillis().length,
        known ? estimate.millis() : Double.NaN,
        known ? estimate.lower() : Double.NaN,
        known ? estimate.upper() : Double.NaN);
  }

  private Map<String, SlimReport.Figure> figures(Path file, Judge.Score score, Measurement found)
      throws IOException {
    Map<String, SlimReport.Figure> figures = new LinkedHashMap<>();
    figures.put(data.test().name(), new SlimReport.Figure(score.value(), null, null, "measured"));
    figures.put("closeness", new SlimReport.Figure(score.closeness(), null, null, "measured"));
    figures.put(
        "latency@" + LocalCpu.NAME, new SlimReport.Figure(found.p50(), null, null, "measured"));
    figures.put(
        "latency.p90@" + LocalCpu.NAME, new SlimReport.Figure(found.p90(), null, null, "measured"));
    figures.put("bytes", new SlimReport.Figure(Files.size(file), null, null, "measured"));
    return figures;
  }

  private static List<double[]> hypervolumes(Search search, double originalMillis) {
    List<double[]> volumes = new ArrayList<>();
    List<double[]> costs = new ArrayList<>();
    for (SearchState.Trial trial : search.state().trials()) {
      if (trial.result().orElse(null) instanceof Evaluation.Measured measured) {
        costs.add(
            new double[] {
              -measured.metrics().get(ElasticSearch.SCORE),
              measured.metrics().get(ElasticSearch.LATENCY)
            });
      }
      volumes.add(
          new double[] {
            volumes.size() + 1.0,
            Hypervolume.of(costs.toArray(double[][]::new), new double[] {0, originalMillis * 1.05})
          });
    }
    return volumes;
  }
}
