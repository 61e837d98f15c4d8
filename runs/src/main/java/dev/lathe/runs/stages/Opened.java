package dev.lathe.runs.stages;

import dev.lathe.data.DataSet;
import dev.lathe.onnx.trial.ModelTrial;
import dev.lathe.runs.DeviceRecord;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.RequestDefaults;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import dev.lathe.runs.SpaceDefinition;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.SpaceSpec;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a run begins with: its data and its space.
 *
 * @param request with everything decided
 * @param definition of the space, for the store
 * @param spaceKey under which predictors for the space are stored
 * @param model whose cuts are the space, where it is one
 * @param folds by which networks are judged, where images are few
 */
record Opened(
    SearchRequest request,
    Settings settings,
    DataSet data,
    NetworkSpace space,
    SpaceDefinition definition,
    String spaceKey,
    Optional<TrainedModel> model,
    Optional<Folds> folds) {
  /** Of the time for everything, that of a search of cuts, where nothing else is asked for. */
  private static final double CUTS_SHARE = 0.35;

  /** Likewise that of cuts of a backbone, which are trained for the new classes afterwards. */
  private static final double BACKBONE_SHARE = 0.2;

  /** Likewise that of a search with shared weights, unless the steps of these are fixed. */
  private static final double SEARCH_SHARE = 0.12;

  /**
   * Reads the data and makes the space.
   *
   * @param trains whether the run trains networks
   * @param home below which decoded images are kept
   * @param trial what a model may use when it is tried out
   */
  static Opened of(
      SearchRequest asked,
      boolean trains,
      Optional<Path> home,
      ModelTrial.Limits trial,
      RunStore store,
      RunControl control,
      Measurements measurements) {
    Settings wanted = Settings.of(asked.settings());
    RandomStreams streams = new RandomStreams(asked.seed());
    Optional<BroughtModel> backbone = BroughtModel.backbone(asked, wanted, trial, store);
    if (asked.space().orElse(null) instanceof SpaceChoice.Model || backbone.isPresent()) {
      BroughtModel brought =
          backbone.orElseGet(
              () -> BroughtModel.of((SpaceChoice.Model) asked.space().orElseThrow(), trial));
      DataSet data = Loading.data(brought, asked, wanted, home, store, control);
      Optional<Folds> folds = backbone.isPresent() ? Folds.of(data, streams) : Optional.empty();
      SearchRequest request = filled(asked, measurements);
      double seconds = Run.budgetSeconds(asked);
      Settings settings =
          wanted.fitting(
              data.train().size(),
              folds.isPresent(),
              seconds,
              (int) Math.ceil((backbone.isPresent() ? BACKBONE_SHARE : CUTS_SHARE) * seconds));
      TrainedModel trained =
          TrainedModel.of(
              backbone.isPresent() ? brought.classifying(data, asked.seed()) : brought,
              data,
              settings,
              new Facts(store),
              (fraction, message) -> {
                control.checkpoint();
                store.progress(Stage.DATA.label(), Course.reading(1), message);
              });
      return new Opened(
          request,
          settings,
          data,
          trained.sorted().space(),
          trained.definition(),
          trained.key(),
          Optional.of(trained),
          folds);
    }
    DataSet data = Loading.data(asked, wanted, home, store, control);
    double seconds = trains ? Run.budgetSeconds(asked) : Double.POSITIVE_INFINITY;
    // With fixed steps nothing may depend on the time: the same request gives the same result.
    boolean timed = trains && wanted.supernetSteps().isEmpty();
    Optional<Folds> folds = Folds.of(data, streams);
    Settings settings =
        wanted.fitting(
            data.train().size(),
            folds.isPresent(),
            seconds,
            timed ? (int) Math.ceil(SEARCH_SHARE * seconds) : 0);
    if (trains) {
      Loading.requireBatches(data, settings);
    }
    SearchRequest request = filled(asked, measurements);
    SpaceSpec spec = Loading.space(request, data);
    NetworkSpace space = spec.space(data.classes().size());
    return new Opened(
        request,
        settings,
        data,
        space,
        Spaces.definition(spec, space),
        Run.keyOf(spec),
        Optional.empty(),
        folds);
  }

  private static SearchRequest filled(SearchRequest asked, Measurements measurements) {
    return RequestDefaults.fill(
        asked, measurements.devices().stream().map(DeviceRecord::name).toList());
  }
}
