package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.data.DataSet;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.runs.RequestDefaults;
import dev.lathe.runs.RequestJson;
import dev.lathe.runs.RunStopped;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.Tables;
import dev.lathe.runs.stages.Calibrating.Place;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.SpaceSpec;
import dev.lathe.supernet.Workers;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A calibration on its own, with real networks on a device that follows a law. */
class StagedCalibrationTest {
  @TempDir Path folder;

  private static SearchRequest request(double targetError, int networks) {
    return request(targetError, networks, OptionalDouble.empty(), 200);
  }

  private static SearchRequest request(
      double targetError, int networks, OptionalDouble minutes, int images) {
    return SearchRequest.of("builtin", 1)
        .withBudget(new SearchRequest.Budget(minutes, OptionalInt.empty(), 0))
        .withSettings(
            Map.of(
                "targetError",
                targetError,
                "calibrationNetworks",
                networks,
                "trainImages",
                images,
                "validationImages",
                50,
                "testImages",
                50));
  }

  private void calibrate(SearchRequest request, MemoryStore store, RooflineDevice device) {
    new StagedSearch(InstantSource.system(), Tables.none())
        .calibrate(request, store, device, () -> {}, folder);
  }

  private static final MemoryStore WHOLE = new MemoryStore();
  private static final RooflineDevice DEVICE = new RooflineDevice();

  /** A calibration that nothing stops, for all tests. */
  @BeforeAll
  static void calibrate(@TempDir Path folder) {
    new StagedSearch(InstantSource.system(), Tables.none())
        .calibrate(request(0.5, 60), WHOLE, DEVICE, () -> {}, folder);
  }

  @Test
  void calibration_stopsAtTheError() {
    assertThat(WHOLE.predictors())
        .extracting(PredictorRecord::precision)
        .containsExactlyInAnyOrder("float32", "int8");
    PredictorRecord real = WHOLE.predictors().getFirst();
    assertThat(real.samples()).isEqualTo(24);
    assertThat(real.space()).matches("plain-28@[0-9a-f]{12}");
    Provenance made = Provenance.of(real);
    assertThat(made.stopped()).contains("50.00 % was asked for");
    assertThat(made.learningCurve()).hasSize(3);
    assertThat(made.measurements()).hasSizeGreaterThanOrEqualTo(24 + 2 * 3);
    assertThat(WHOLE.fraction()).isEqualTo(1);
  }

  @Test
  void calibration_goesOnAfterAStopAsIfThereWasNone() {
    MemoryStore broken = new MemoryStore();
    RooflineDevice stopping = new RooflineDevice();
    stopping.stopAfter = 30;
    assertThatThrownBy(() -> calibrate(request(0.5, 60), broken, stopping))
        .isInstanceOf(RunStopped.class);
    assertThat(broken.predictors()).isEmpty();
    stopping.stopAfter = Integer.MAX_VALUE;
    calibrate(request(0.5, 60), broken, stopping);
    assertThat(stopping.record.keySet()).containsExactlyElementsOf(DEVICE.record.keySet());
    assertThat(broken.predictors())
        .extracting(PredictorRecord::json)
        .isEqualTo(WHOLE.predictors().stream().map(PredictorRecord::json).toList());
  }

  @Test
  void calibration_withoutReachingTheError_measuresAllThatMayBe() {
    MemoryStore store = new MemoryStore();
    calibrate(request(1e-9, 26), store, new RooflineDevice());
    assertThat(store.predictors().getFirst().samples()).isEqualTo(26);
    assertThat(Provenance.of(store.predictors().getFirst()).stopped())
        .startsWith("26 networks are measured");
  }

  @Test
  void calibration_measuresNoMoreThanMayBe_onFewImages() {
    MemoryStore store = new MemoryStore();
    calibrate(request(1e-9, 20, OptionalDouble.empty(), 40), store, new RooflineDevice());
    assertThat(store.predictors().getFirst().samples()).isEqualTo(20);
  }

  @Test
  void search_onFewerImagesThanTwoSmallBatches_isRefused() {
    SearchRequest request = request(0.5, 20, OptionalDouble.empty(), 12);
    StagedSearch search = new StagedSearch(InstantSource.system(), Tables.none());
    MemoryStore store = new MemoryStore();
    RooflineDevice device = new RooflineDevice();
    assertThatThrownBy(() -> search.run(request, store, device, () -> {}, folder))
        .hasMessageContaining("fewer than two batches");
    assertThat(device.record).isEmpty();
  }

  /** Every measurement takes a second: the 54 of the first batch, the 16 of the next. */
  private void calibrateAMinute(MemoryStore store, RooflineDevice device, long startUpSeconds) {
    AtomicBoolean started = new AtomicBoolean();
    InstantSource time =
        () ->
            Instant.ofEpochSecond(
                device.record.size() + (started.getAndSet(true) ? startUpSeconds : 0));
    new StagedSearch(time, Tables.none())
        .calibrate(request(1e-9, 60, OptionalDouble.of(1), 200), store, device, () -> {}, folder);
  }

  @Test
  void minutes_goOnAfterAStop_andDropNoNetworks() {
    MemoryStore store = new MemoryStore();
    RooflineDevice device = new RooflineDevice();
    device.stopAfter = 60;
    assertThatThrownBy(() -> calibrateAMinute(store, device, 0)).isInstanceOf(RunStopped.class);
    device.stopAfter = Integer.MAX_VALUE;
    calibrateAMinute(store, device, 20);
    PredictorRecord predictor = store.predictors().getFirst();
    assertThat(predictor.samples()).as("both batches, and no third").isEqualTo(32);
    assertThat(Provenance.of(predictor).stopped()).startsWith("the minutes are spent");
  }

  private Run run(
      SearchRequest request, MemoryStore store, RooflineDevice device, Workers workers) {
    return run(request, store, device, workers, InstantSource.system());
  }

  private Run run(
      SearchRequest request,
      MemoryStore store,
      RooflineDevice device,
      Workers workers,
      InstantSource time) {
    Settings asked = Settings.of(request.settings());
    DataSet data = Loading.data(request, asked, java.util.Optional.empty(), store, () -> {});
    Settings settings = asked.fitting(data.train().size(), false, 60, 0);
    SearchRequest filled = RequestDefaults.fill(request, List.of("roofline"));
    SpaceSpec spec = Loading.space(filled, data);
    return new Run(
        filled,
        settings,
        store,
        device,
        () -> {},
        folder,
        data,
        spec.space(data.classes().size()),
        Run.keyOf(spec),
        java.util.Optional.empty(),
        java.util.Optional.empty(),
        new RandomStreams(request.seed()),
        workers,
        new Clock(time, new Facts(store)),
        new Goals(filled, spec.space(data.classes().size())),
        FormChoice.of(filled, new Facts(store)),
        false);
  }

  /** How many networks a search calibrates on where each takes so many seconds. */
  private int networksOf(SearchRequest request, double secondsEach) {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    MemoryStore store = new MemoryStore();
    try (Workers workers = Workers.ofProcessors()) {
      Run run = run(request, store, new RooflineDevice(), workers, now::get);
      SpreadNetworks plan = new SpreadNetworks(run, Transfers.NONE);
      Place place = new Place("roofline", Form.FLOAT32);
      int measured = plan.next(Map.of(place, List.of())).size();
      assertThat(measured).as("what a predictor needs, or is asked for").isBetween(20, 24);
      while (true) {
        now.updateAndGet(
            before -> before.plusMillis((long) (1000 * secondsEach * 20))); // for what was given
        int more = plan.next(Map.of(place, Collections.nCopies(measured, null))).size();
        if (more == 0) {
          assertThat(plan.most()).isEqualTo(measured);
          return measured;
        }
        measured += more;
      }
    }
  }

  @Test
  void search_calibratesOnAsManyNetworksAsTheMinutesHaveTimeFor() {
    SearchRequest six = open(6);
    assertThat(networksOf(six, 0.5)).as("40 in 20 of 360 seconds").isEqualTo(40);
    assertThat(networksOf(open(2), 0.6)).as("15 % of 120 seconds").isEqualTo(30);
    assertThat(networksOf(open(1), 2)).as("no fewer than a predictor needs").isEqualTo(20);
    assertThat(networksOf(request(0.5, 24, OptionalDouble.of(1), 200), 9))
        .as("as asked for")
        .isEqualTo(24);
  }

  private static SearchRequest open(double minutes) {
    SearchRequest request = request(0.5, 20, OptionalDouble.of(minutes), 200);
    Map<String, Object> settings = new HashMap<>(request.settings());
    settings.remove("calibrationNetworks");
    return request.withSettings(settings);
  }

  @Test
  void secondsSpentBeforeTheLaunch_areOfTheMinutes() {
    SearchRequest request = RequestJson.read("{\"budget\":{\"minutes\":2,\"spentSeconds\":9.5}}");
    assertThat(Run.budgetSeconds(request)).isEqualTo(110.5);
    assertThat(Run.budgetSeconds(RequestDefaults.fill(request, List.of()))).isEqualTo(110.5);
    assertThat(Run.budgetSeconds(RequestJson.read(RequestJson.write(request)))).isEqualTo(110.5);
  }

  @Test
  void knownPredictors_areTakenOver_whereTheyHold() {
    SearchRequest request = request(0.5, 24);
    MemoryStore first = WHOLE;
    try (Workers workers = Workers.ofProcessors()) {
      MemoryStore second = new MemoryStore();
      RooflineDevice same = new RooflineDevice();
      assertThat(new Reusing(run(request, second, same, workers)).run()).as("none known").isFalse();
      second.earlier.addAll(first.predictors());
      assertThat(new Reusing(run(request, second, same, workers)).run()).isTrue();
      assertThat(second.predictors()).containsExactlyInAnyOrderElementsOf(first.predictors());
      assertThat(same.record).hasSize(12);

      MemoryStore third = new MemoryStore();
      third.earlier.addAll(first.predictors());
      RooflineDevice slower = new RooflineDevice();
      slower.slower = 1.2;
      assertThat(new Reusing(run(request, third, slower, workers)).run()).isFalse();
      assertThat(third.predictors()).isEmpty();
    }
  }

  /** What other devices know: that of the whole calibration, under another name. */
  private static List<PredictorRecord> ofAnotherDevice() {
    return WHOLE.predictors().stream()
        .map(
            r ->
                new PredictorRecord(
                    "desk",
                    r.precision(),
                    r.metric(),
                    r.kind(),
                    r.samples(),
                    r.heldOut(),
                    r.spearman(),
                    r.mape(),
                    r.within10(),
                    r.coverage90(),
                    r.seconds(),
                    r.json(),
                    r.provenance(),
                    r.space()))
        .toList();
  }

  private static SearchRequest openRequest() {
    return SearchRequest.of("builtin", 2)
        .withSettings(Map.of("trainImages", 200, "validationImages", 50, "testImages", 50));
  }

  @Test
  void newDevice_isCalibratedByTenNetworks_whereAnotherIsKnown() {
    try (Workers workers = Workers.ofProcessors()) {
      MemoryStore store = new MemoryStore();
      store.earlier.addAll(ofAnotherDevice());
      RooflineDevice slower = new RooflineDevice();
      slower.slower = 2;
      Predictors unused = new Calibrating(run(openRequest(), store, slower, workers)).run();
      assertThat(store.predictors())
          .hasSize(2)
          .allSatisfy(
              record -> {
                assertThat(record.samples()).isEqualTo(10);
                assertThat(record.kind()).contains("'desk'");
                assertThat(record.spearman()).isGreaterThan(0.9);
                assertThat(Provenance.of(record).stopped())
                    .contains("other devices' predictors and 10 networks");
              });
      assertThat(slower.record.keySet()).noneMatch(key -> key.contains("-10"));

      MemoryStore resumed = new MemoryStore();
      resumed.earlier.addAll(ofAnotherDevice());
      RooflineDevice stopping = new RooflineDevice();
      stopping.slower = 2;
      stopping.stopAfter = 15;
      assertThatThrownBy(
              () -> new Calibrating(run(openRequest(), resumed, stopping, workers)).run())
          .isInstanceOf(RunStopped.class);
      stopping.stopAfter = Integer.MAX_VALUE;
      resumed.earlier.clear(); // what was known at the start counts
      unused = new Calibrating(run(openRequest(), resumed, stopping, workers)).run();
      assertThat(resumed.predictors())
          .extracting(PredictorRecord::json)
          .isEqualTo(store.predictors().stream().map(PredictorRecord::json).toList());
    }
  }

  @Test
  void deviceThatIsKnown_orHasANumberOfNetworks_isCalibratedByAllOfThem() {
    try (Workers workers = Workers.ofProcessors()) {
      MemoryStore own = new MemoryStore();
      own.earlier.addAll(WHOLE.predictors());
      own.earlier.addAll(ofAnotherDevice());
      List<String> devices = List.of("roofline");
      assertThat(
              Transfers.of(run(openRequest(), own, new RooflineDevice(), workers), devices)
                  .isEmpty())
          .isTrue();
      MemoryStore asked = new MemoryStore();
      asked.earlier.addAll(ofAnotherDevice());
      assertThat(
              Transfers.of(run(request(0.5, 24), asked, new RooflineDevice(), workers), devices)
                  .isEmpty())
          .isTrue();
    }
  }

  @Test
  void oldProvenance_isStillRead() {
    PredictorRecord old =
        new PredictorRecord(
            "d",
            "float32",
            "latency",
            "k",
            1,
            1,
            1,
            0,
            1,
            1,
            1,
            "{}",
            "{\"runtime\":\"r\",\"sentinelMillis\":1.5,\"sentinelExponent\":0.5,\"sentinelDrift\":0,"
                + "\"repeatability\":0,\"repeatable10\":1,\"medianWidth\":0.1,\"measurements\":[3]}",
            "");
    assertThat(Provenance.of(old).measurements()).isEqualTo(List.of(3L));
    assertThat(Provenance.of(old).secondsToHalve()).isZero();
  }
}
