package dev.lathe.runs.stages;

import dev.lathe.data.DataSet;
import dev.lathe.runs.CompressionRequest;
import dev.lathe.runs.FrontMember;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRunner;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.runs.stages.Measuring.MeasuredNetwork;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.SpaceSpec;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The main job: data, latency predictors, supernet, search, fine-tuning, compression, baselines,
 * measurement. Each stage leaves in the store what the next needs, so a search that was stopped at
 * any point goes on from the last thing stored.
 */
public final class StagedSearch implements SearchRunner {
  private final InstantSource time;
  private final Optional<Path> home;

  /** Searches that decode their images anew each time. */
  public StagedSearch(InstantSource time) {
    this(time, Optional.empty());
  }

  /**
   * Searches whose decoded images are kept for the next time.
   *
   * @param home folder below which they are kept
   */
  public StagedSearch(InstantSource time, Path home) {
    this(time, Optional.of(home));
  }

  private StagedSearch(InstantSource time, Optional<Path> home) {
    this.time = time;
    this.home = home;
  }

  @Override
  public void check(SearchRequest request) throws InvalidSearch {
    Loading.check(request);
  }

  @Override
  public void run(
      SearchRequest request,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Path workFolder) {
    carryOut(request, store, measurements, control, workFolder, false, StagedSearch::run);
  }

  @Override
  public void calibrate(
      SearchRequest request,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Path workFolder) {
    carryOut(
        request,
        store,
        measurements,
        control,
        workFolder,
        true,
        run -> new Calibrating(run).runInformative());
  }

  @Override
  public void compress(
      CompressionRequest request, RunStore store, Measurements measurements, RunControl control) {
    new Compressing(request, store, measurements, control).run();
  }

  /**
   * The key under which predictors for the space of a request are stored: its name and a digest of
   * its definition.
   *
   * @return empty where the images must be read to know the space
   */
  public static Optional<String> spaceKey(SearchRequest request) {
    return Loading.spaceUnread(request).map(Run::keyOf);
  }

  /** The precisions for each of which a calibration makes a predictor. */
  public static List<String> precisions() {
    return Precision.labels();
  }

  private void carryOut(
      SearchRequest request,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Path workFolder,
      boolean calibratesOnly,
      Consumer<Run> stages) {
    Settings asked = Settings.of(request.settings());
    Clock clock = new Clock(time, new Facts(store));
    DataSet data = Loading.data(request, asked, home, store, control);
    Settings settings = asked.fitting(data.train().size());
    SpaceSpec spec = Loading.space(request, data);
    NetworkSpace space = spec.space(data.classes().size());
    store.space(Spaces.definition(spec, space));
    try (Workers workers = Workers.ofProcessors()) {
      stages.accept(
          new Run(
              request,
              settings,
              store,
              measurements,
              control,
              workFolder,
              data,
              spec,
              space,
              new RandomStreams(request.seed()),
              workers,
              clock,
              calibratesOnly));
    }
  }

  private static void run(Run run) {
    Loading.requireBatches(run.data(), run.settings());
    Calibrating.Predictors predictors = new Calibrating(run).run();
    run.clock().save();
    Training training = new Training(run);
    try (WeightStore supernet = training.run();
        Finishing finishing = new Finishing(run)) {
      try (Evaluator evaluator = validation(run)) {
        training.evaluateExtremes(supernet, evaluator);
        new Searching(run, predictors.float32()).run(supernet, evaluator);
      }
      new LinearMembers(run, finishing).run();
      new Members(run, finishing).run(supernet);
      new Baselines(run, finishing).run();
    }
    StoredArtifact testSet = new TestSet(run).write();
    List<MeasuredNetwork> networks = new Measuring(run, predictors).run();
    List<MeasuredNetwork> front = FinalFront.of(networks, run.request().constraints());
    run.store().front(front.stream().map(StagedSearch::member).toList());
    run.store().report(new Report(run).json(front, networks, testSet));
    run.progress(Stage.MEASURING, 1, "done: %d networks on the front".formatted(front.size()));
  }

  private static Evaluator validation(Run run) {
    return new Evaluator(
        run.data().train(),
        STATISTICS_IMAGES,
        run.data().validation(),
        run.data().normalization(),
        run.data().classes().size(),
        run.streams(),
        run.workers());
  }

  private static final int STATISTICS_IMAGES = 256;

  private static FrontMember member(MeasuredNetwork network) {
    return new FrontMember(
        network.artifact().id(),
        List.of(
            new FrontMember.DeviceLatency(
                network.measured().measurementId(),
                network.predicted().millis(),
                network.predicted().lower(),
                network.predicted().upper())));
  }
}
