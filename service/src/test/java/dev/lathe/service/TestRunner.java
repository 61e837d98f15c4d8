package dev.lathe.service;

import dev.lathe.metric.Figure;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.CandidateRecord.Status;
import dev.lathe.runs.CompressionRequest;
import dev.lathe.runs.DataSetRecord;
import dev.lathe.runs.FrontMember;
import dev.lathe.runs.GenerationState;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.MethodCard;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRunner;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.runs.SupernetRecord;
import dev.lathe.runs.isolated.IsolatedRunner;
import dev.lathe.runs.isolated.ModelLimits;
import dev.lathe.runs.isolated.ModelReader;
import dev.lathe.runs.stages.StagedSearch;
import dev.lathe.service.search.TableShelf;
import dev.lathe.space.Architecture;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A search without networks, or a real one of a table or a trained model: each generation has four
 * candidates that follow from the seed; with setting {@code measure}, so many models are measured
 * and become the front.
 */
@Alternative
@Priority(1)
@Singleton
public class TestRunner implements SearchRunner {
  private static final Set<String> SETTINGS =
      Set.of("stepMillis", "measure", "fail", "calibrationNetworks", "targetError");
  private static final int CANDIDATES = 4;

  private final TableShelf tables;
  private final ModelReader reader;
  private final ModelLimits limits;

  TestRunner(TableShelf tables, ModelReader reader, ModelLimits limits) {
    this.tables = tables;
    this.reader = reader;
    this.limits = limits;
  }

  /** How many generations were computed, in all searches. */
  public final AtomicInteger generationsComputed = new AtomicInteger();

  @Override
  public List<MethodCard> methods() {
    return real().methods();
  }

  @Override
  public boolean measures(SearchRequest request) {
    return !request.ofTable()
        && (request.settings().containsKey("measure") || !request.devices().isEmpty());
  }

  @Override
  public SearchRequest filled(SearchRequest request, List<String> devices) {
    return real().filled(request, devices);
  }

  private SearchRunner real() {
    return new IsolatedRunner(
        new StagedSearch(InstantSource.system(), tables), reader, limits, Optional.empty());
  }

  @Override
  public void check(SearchRequest request) {
    if (!request.kindOfSpace().equals("network")) {
      real().check(request);
      return;
    }
    if (request.objectives().isEmpty()) {
      throw new InvalidSearch("objectives", "a search needs at least one objective.");
    }
    if (!request.data().equals("builtin") && !request.data().startsWith("folder:")) {
      throw new InvalidSearch(
          "data", "there is no folder for '%s'. Maybe 'builtin'.".formatted(request.data()));
    }
    for (String name : request.settings().keySet()) {
      if (!SETTINGS.contains(name)) {
        throw new InvalidSearch(
            "settings." + name, "there is no setting '%s', only %s.".formatted(name, SETTINGS));
      }
    }
  }

  @Override
  public void run(
      SearchRequest request,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Path workFolder) {
    if (!request.kindOfSpace().equals("network")) {
      real().run(request, store, measurements, control, workFolder);
      return;
    }
    store.dataSet(
        new DataSetRecord(
            "shapes", "builtin", List.of("a", "b"), 8, 4, 4, 3, 8, 8, "f".repeat(64)));
    if (!request.data().equals("builtin")) {
      store.fact(
          DataSetRecord.REPORT,
          """
          {"classes":[{"name":"a","train":8,"validation":4,"test":4}],
           "shape":{"channels":3,"height":8,"width":8},"division":"as found","skipped":[],"unreadable":[],
           "duplicates":{},"oriented":0,"warnings":["%s/a.png is odd"]}"""
              .formatted(request.data().split(":", 2)[1]));
    }
    store.supernet(new SupernetRecord(5, 10, 16, 80, 0.5, 1000, 0.9, 0.7, Optional.empty()));
    int generations =
        request.method().orElseThrow().name().equals("predictor") // none asked for
            ? 3
            : Math.ceilDiv(request.budget().evaluations().orElseThrow(), 24);
    int from = store.lastGeneration().map(GenerationState::number).orElse(-1) + 1;
    for (int generation = from; generation < generations; generation++) {
      step(request, control);
      List<CandidateRecord> candidates = new ArrayList<>();
      for (int i = 0; i < CANDIDATES; i++) {
        candidates.add(candidate(request.seed(), generation, i));
      }
      store.generation(generation, candidates, "{\"next\":%d}".formatted(generation + 1));
      generationsComputed.incrementAndGet();
      store.progress("search", (generation + 1.0) / (generations + 1), "generation " + generation);
    }
    if ("error".equals(request.settings().get("fail"))) {
      throw new StackOverflowError();
    }
    if (request.settings().containsKey("fail")) {
      throw new IllegalStateException(String.valueOf(request.settings().get("fail")));
    }
    int models = number(request, "measure", 0);
    if (models > 0) {
      front(store, measurements, models);
    }
    store.report("{\"seed\":%d}".formatted(request.seed()));
  }

  @Override
  public void calibrate(
      SearchRequest request,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Path workFolder) {
    int networks = number(request, "calibrationNetworks", 1);
    List<MeasurementRequest> requests = new ArrayList<>();
    for (int i = 0; i < networks; i++) {
      requests.add(
          new MeasurementRequest(
              "c" + i, measurements.device().name(), model(i), "float32", "quick"));
    }
    long measured =
        measurements.measure(requests).stream()
            .filter(MeasurementOutcome.Measured.class::isInstance)
            .count();
    for (String precision : StagedSearch.precisions()) {
      store.predictor(
          new PredictorRecord(
              measurements.device().name(),
              precision,
              "latency",
              "test",
              (int) measured,
              0,
              1,
              0,
              1,
              1,
              0.1,
              "{\"of\":%d}".formatted(store.searchId()),
              "{\"runtime\":\"test 1\",\"sentinelMillis\":1.0,\"moreToHalve\":80}",
              StagedSearch.spaceKey(request).orElseThrow()));
    }
  }

  /** The real one: it needs no training. */
  @Override
  public void compress(
      CompressionRequest request, RunStore store, Measurements measurements, RunControl control) {
    real().compress(request, store, measurements, control);
  }

  private static void step(SearchRequest request, RunControl control) {
    long end = System.nanoTime() + number(request, "stepMillis", 0) * 1_000_000L;
    control.checkpoint();
    while (System.nanoTime() < end) {
      control.checkpoint();
      Thread.onSpinWait();
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static CandidateRecord candidate(long seed, int generation, int index) {
    int size = generation * CANDIDATES + index;
    double accuracy = ((seed * 31 + size * 17L) % 100) / 100.0;
    double millis = 1 + size * 0.1;
    Map<String, Figure> figures = new LinkedHashMap<>();
    List.of(
            Figure.measured(Metric.of("accuracy"), accuracy),
            new Figure(
                Metric.of("latency@test"),
                millis,
                millis - 0.1,
                millis + 0.1,
                Figure.Source.PREDICTED),
            Figure.measured(Metric.of("parameters"), 1000 + size),
            Figure.measured(Metric.of("macs"), 2000 + size))
        .forEach(figure -> figures.put(figure.metric().name(), figure));
    return new CandidateRecord(
        Architecture.of(generation, index),
        Map.of("stage", "s" + generation, "kernel", "k" + index),
        Status.OK,
        figures,
        List.of(-accuracy, millis, 1000.0 + size),
        Optional.empty());
  }

  private static void front(RunStore store, Measurements measurements, int models) {
    List<MeasurementRequest> requests = new ArrayList<>();
    for (int i = 0; i < models; i++) {
      requests.add(
          new MeasurementRequest(
              "m" + i, measurements.device().name(), model(i), "float32", "quick"));
    }
    List<MeasurementOutcome> outcomes = measurements.measure(requests);
    List<FrontMember> members = new ArrayList<>();
    for (int i = 0; i < models; i++) {
      if (outcomes.get(i) instanceof MeasurementOutcome.Measured measured) {
        StoredArtifact stored = store.artifact(artifact(i), model(i));
        Metric latency = Metric.on(Quantity.LATENCY, measurements.device().name());
        members.add(
            FrontMember.file(
                stored.id(),
                Map.of(
                    "accuracy",
                    Figure.measured(Metric.of("accuracy"), 0.8),
                    latency.name(),
                    Figure.measured(latency, measured.p50Millis())),
                Map.of(latency.name(), new Figure(latency, 1.5, 1.2, 1.8, Figure.Source.PREDICTED)),
                List.of(measured.measurementId())));
      }
    }
    store.predictor(
        new PredictorRecord(
            measurements.device().name(),
            "float32",
            "latency",
            "test",
            models,
            0,
            1,
            0,
            1,
            1,
            0.1,
            "{}",
            "{}",
            "test@0"));
    store.front(members);
  }

  private static ArtifactRecord artifact(int i) {
    return new ArtifactRecord(
        "member-" + i,
        ArtifactRecord.Kind.MEMBER,
        "net-" + i,
        ArtifactRecord.ONNX,
        Optional.of(i % 2 == 0 ? "float32" : "int8"),
        Optional.of("member-" + (i ^ 1)),
        Map.of("kernel", "k" + i),
        OptionalDouble.of(0.8),
        OptionalDouble.of(0.79),
        OptionalLong.of(100),
        OptionalLong.of(10),
        OptionalDouble.of(2));
  }

  /** Bytes that stand for the i-th model. */
  static byte[] model(int i) {
    return ("model " + i).getBytes(StandardCharsets.UTF_8);
  }

  private static int number(SearchRequest request, String name, int otherwise) {
    return request.settings().get(name) instanceof Number number ? number.intValue() : otherwise;
  }
}
