package dev.lathe.runs.stages;

import dev.lathe.onnx.trial.ModelTrial;
import dev.lathe.runs.CompressionRequest;
import dev.lathe.runs.FrontMember;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.MethodCard;
import dev.lathe.runs.RequestDefaults;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import dev.lathe.runs.SearchRunner;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.runs.Tables;
import dev.lathe.runs.stages.Measuring.MeasuredNetwork;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.table.MeasurementTable;
import dev.lathe.space.table.RecordedSpace;
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
  private final Tables tables;
  private final Optional<Path> home;
  private final ModelTrial.Limits trial;

  /**
   * Searches that decode their images anew each time.
   *
   * @param tables that a request may name
   */
  public StagedSearch(InstantSource time, Tables tables) {
    this(time, tables, Optional.empty(), ModelTrial.Limits.DEFAULT);
  }

  /**
   * Searches whose decoded images are kept for the next time.
   *
   * @param home folder below which they are kept
   */
  public StagedSearch(InstantSource time, Tables tables, Path home) {
    this(time, tables, Optional.of(home), ModelTrial.Limits.DEFAULT);
  }

  /**
   * Searches with everything said.
   *
   * @param home folder below which decoded images are kept; empty to decode them anew each time
   * @param trial what a model that somebody brings may use when it is tried out
   */
  public StagedSearch(
      InstantSource time, Tables tables, Optional<Path> home, ModelTrial.Limits trial) {
    this.time = time;
    this.tables = tables;
    this.home = home;
    this.trial = trial;
  }

  @Override
  public List<MethodCard> methods() {
    return Methods.cards();
  }

  @Override
  public SearchRequest filled(SearchRequest request, List<String> devices) {
    return request.space().orElse(null) instanceof SpaceChoice.Table(String name)
        ? TableSearch.filled(request, tables.table(name))
        : RequestDefaults.fill(request, devices);
  }

  @Override
  public void check(SearchRequest request) throws InvalidSearch {
    Methods.check(request, request.kindOfSpace());
    if (request.settings().containsKey("maxDrop")
        && !(request.space().orElse(null) instanceof SpaceChoice.Model)) {
      throw new InvalidSearch(
          "settings.maxDrop",
          "maxDrop is what a trained model may lose: {\"space\": {\"model\": MODEL}}. Networks that the search trains have none to be compared with. Maybe a constraint on accuracy.");
    }
    if (request.space().orElse(null) instanceof SpaceChoice.Table(String name)) {
      TableSearch.check(request, tables.table(name));
      return;
    }
    Loading.check(request);
    request.forms().forEach(Form::of);
    NetworkMetrics.check(request);
  }

  @Override
  public void run(
      SearchRequest request,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Path workFolder) {
    if (request.space().orElse(null) instanceof SpaceChoice.Table(String name)) {
      MeasurementTable table = tables.table(name);
      SearchRequest filled = TableSearch.filled(request, table);
      RunFrame frame =
          new RunFrame(
              filled,
              Settings.of(filled.settings()),
              store,
              control,
              new Clock(time, new Facts(store)),
              new Goals(filled, new RecordedSpace(table)),
              (stage, fraction, message) -> store.progress(stage.label(), fraction, message));
      TableSearch.run(frame, table);
      return;
    }
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
    new Compressing(request, trial, store, measurements, control).run();
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

  /**
   * Whether predictors are stored under a key for cuts of a model.
   *
   * @param reference as a request names the model
   */
  public static boolean cuts(String spaceKey, String reference) {
    return TrainedModel.isKey(spaceKey, reference);
  }

  /** The forms for each of which a calibration on its own makes a predictor. */
  public static List<String> precisions() {
    return Form.USUAL.stream().map(Form::name).toList();
  }

  private void carryOut(
      SearchRequest asked,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Path workFolder,
      boolean calibratesOnly,
      Consumer<Run> stages) {
    Facts facts = new Facts(store);
    Clock clock = new Clock(time, facts);
    Opened opened = Opened.of(asked, !calibratesOnly, home, trial, store, control, measurements);
    store.space(opened.definition());
    try (Workers workers = Workers.ofProcessors()) {
      stages.accept(
          new Run(
              opened.request(),
              opened.settings(),
              store,
              measurements,
              control,
              workFolder,
              opened.data(),
              opened.space(),
              opened.spaceKey(),
              opened.model(),
              opened.folds(),
              new RandomStreams(asked.seed()),
              workers,
              clock,
              new Goals(opened.request(), opened.space()),
              FormChoice.of(opened.request(), facts),
              calibratesOnly));
    }
  }

  private static void run(Run run) {
    FormProbe.Sizes sizes = new FormProbe(run).run();
    Predictors predictors = new Calibrating(run).run();
    run.clock().save();
    try (Finishing finishing = new Finishing(run)) {
      if (run.model().isPresent()) {
        cut(run, run.model().get(), sizes, predictors, finishing);
      } else {
        // First, so that what they take is known when the rest of the time is shared out.
        new LinearMembers(run, finishing).run();
        String method = run.request().method().orElseThrow().name();
        if (Methods.trains(method)) {
          trained(run, method, sizes, predictors, finishing);
        } else {
          shared(run, sizes, predictors, finishing);
        }
        new Baselines(run, finishing).run();
      }
    }
    StoredArtifact testSet = new TestSet(run).write();
    List<MeasuredNetwork> networks = new Measuring(run, predictors).run();
    List<MeasuredNetwork> front = FinalFront.of(networks, run.problem());
    run.store().front(front.stream().map(StagedSearch::member).toList());
    Optional<DropLimit.Told> limit =
        run.settings().limit().map(budget -> DropLimit.told(run, budget, networks));
    run.store().report(new Report(run).json(front, networks, testSet, limit));
    run.progress(Stage.MEASURING, 1, "done: %d networks on the front".formatted(front.size()));
  }

  /** One supernet for all architectures, searched by asking and telling. */
  private static void shared(
      Run run, FormProbe.Sizes sizes, Predictors predictors, Finishing finishing) {
    Training training = new Training(run);
    try (WeightStore supernet = training.run()) {
      try (Evaluator evaluator = validation(run)) {
        training.evaluateExtremes(supernet, evaluator);
        Networks networks = new SharedNetworks(run, supernet, evaluator);
        FormErrors.Losses losses = new FormErrors(run).run(networks);
        new Searching(run.frame(), new NetworkEvaluating(run, predictors, sizes, losses, networks))
            .run();
      }
      new Members(run, finishing).run(_ -> supernet.copy());
    }
  }

  /** A method that trains networks itself. */
  private static void trained(
      Run run, String method, FormProbe.Sizes sizes, Predictors predictors, Finishing finishing) {
    try (Evaluator evaluator = validation(run)) {
      TrainedSearching searching =
          new TrainedSearching(
              run,
              predictors,
              store -> {
                Networks networks = new SharedNetworks(run, store, evaluator);
                return new NetworkEvaluating(
                    run, predictors, sizes, new FormErrors(run).run(networks), networks);
              });
      HypervolumeHistory history =
          new HypervolumeHistory(run.store(), run.problem().problem().objectives().size(), 1);
      if (method.equals(Methods.SINGLE_PATH)) {
        new SinglePathStage(run, searching).run(history);
      } else {
        new NetAdaptStage(run, searching).run(history);
      }
      new Members(run, finishing).run(searching::weightsOf);
    }
  }

  /** Cuts of a trained model or of a backbone, nothing trained before the search. */
  private static void cut(
      Run run,
      TrainedModel model,
      FormProbe.Sizes sizes,
      Predictors predictors,
      Finishing finishing) {
    run.settings().limit().ifPresent(limit -> limit.requireItems(run.data().test().size()));
    boolean transfers = run.settings().from().isPresent();
    CutMembers members = new CutMembers(run, model, finishing);
    if (transfers) {
      new LinearMembers(run, finishing).run();
    } else {
      members.original();
    }
    try (Evaluator evaluator = validation(run)) {
      Networks networks = new CutNetworks(run, model.sorted(), evaluator);
      FormErrors.Losses losses = new FormErrors(run).run(networks);
      new Searching(run.frame(), new NetworkEvaluating(run, predictors, sizes, losses, networks))
          .run();
    }
    if (transfers) {
      new TransferMembers(run, model, finishing).run();
    } else {
      members.run();
    }
  }

  private static Evaluator validation(Run run) {
    return new Evaluator(
        run.lessons(),
        run.model().isPresent() ? 1 : STATISTICS_IMAGES,
        run.data().validation(),
        run.data().normalization(),
        run.data().classes().size(),
        run.streams(),
        run.workers());
  }

  private static final int STATISTICS_IMAGES = 256;

  private static FrontMember member(MeasuredNetwork network) {
    return FrontMember.file(
        network.artifact().id(),
        network.figures(),
        network.predicted(),
        network.devices().stream().map(on -> on.measured().measurementId()).toList());
  }
}
