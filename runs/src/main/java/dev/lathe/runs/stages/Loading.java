package dev.lathe.runs.stages;

import dev.lathe.compress.calibration.ImageOptions;
import dev.lathe.data.DataException;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.LoadedData;
import dev.lathe.data.ReportedData;
import dev.lathe.runs.DataSetRecord;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import dev.lathe.space.SpaceSpec;
import dev.lathe.space.family.SpaceFiles;
import dev.lathe.space.mobile.MobileSpec;
import dev.lathe.supernet.singlepath.Superkernels;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Reads the data set and fits the search space to it. */
final class Loading {
  private static final int CHANNELS = 3;
  private static final String BUILTIN = "builtin";
  private static final int SEARCH_IMAGES = 512;

  private Loading() {}

  /** The images, at the resolution asked for, or the largest that the space knows. */
  static DataSet data(
      SearchRequest request,
      Settings settings,
      Optional<Path> home,
      RunStore store,
      RunControl control) {
    return data(
        request,
        DataOptions.of(request.seed())
            .withResolution(
                settings.resolution() > 0
                    ? settings.resolution()
                    : spec(request).map(spec -> Collections.max(spec.resolutions())).orElse(0))
            .withSeconds(60 * request.budget().allowedMinutes())
            .withAtMost(settings.trainImages(), settings.validationImages(), settings.testImages()),
        settings,
        home,
        store,
        control);
  }

  /**
   * The images as a trained model takes them. So many networks are judged on the validation images
   * that these are fewer where nothing is said.
   */
  static DataSet data(
      BroughtModel model,
      SearchRequest request,
      Settings settings,
      Optional<Path> home,
      RunStore store,
      RunControl control) {
    DataSet data =
        data(
            request,
            DataOptions.of(request.seed())
                .withFraming(model.feed().framing())
                .withAtMost(
                    settings.trainImages(),
                    settings.validationImages() == 0 ? SEARCH_IMAGES : settings.validationImages(),
                    settings.testImages()),
            settings,
            home,
            store,
            control);
    return data.withNormalization(
        model
            .feed()
            .withNumbers(model.graph(), ImageOptions.NONE, data.normalization())
            .normalization());
  }

  private static DataSet data(
      SearchRequest request,
      DataOptions fresh,
      Settings settings,
      Optional<Path> home,
      RunStore store,
      RunControl control) {
    DataOptions options =
        home.map(fresh::withHome).orElse(fresh).skippingUnreadable(settings.skipUnreadable());
    LoadedData loaded =
        DataSets.open(
            request.data(),
            options,
            (fraction, message) -> {
              control.checkpoint();
              store.progress(Stage.DATA.label(), Course.reading(fraction), message);
            });
    DataSet data = loaded.data();
    if (!request.data().equals(BUILTIN) && store.fact(DataSetRecord.REPORT).isEmpty()) {
      new Facts(store).put(DataSetRecord.REPORT, ReportedData.of(loaded.report()));
    }
    store.dataSet(
        new DataSetRecord(
            data.name(),
            request.data(),
            data.classes(),
            data.train().size(),
            data.validation().size(),
            data.test().size(),
            data.shape().channels(),
            data.shape().height(),
            data.shape().width(),
            data.sha256()));
    return data;
  }

  /**
   * Refuses to train on too few images.
   *
   * @throws DataException if there are not two batches
   */
  static void requireBatches(DataSet data, Settings settings) {
    if (data.train().size() < 2 * settings.batch()) {
      throw new DataException(
          "data set '%s' has %d training images, fewer than two batches of %d. Maybe lower settings.batch."
              .formatted(data.name(), data.train().size(), settings.batch()));
    }
  }

  /** The space that the request names or brings; empty if it leaves the choice open. */
  private static Optional<SpaceSpec> spec(SearchRequest request) {
    return request
        .space()
        .map(
            choice ->
                switch (choice) {
                  case SpaceChoice.Named(String name) -> SpaceFiles.builtin(name);
                  case SpaceChoice.Defined(String ignored, String json) -> SpaceFiles.read(json);
                  case SpaceChoice.Table table ->
                      throw new InvalidSearch("space", "a table holds no networks.");
                  case SpaceChoice.Model model ->
                      throw new InvalidSearch(
                          "space.model",
                          "a trained model is calibrated for by the search that cuts it.");
                });
  }

  private static boolean isSinglePath(SearchRequest request) {
    return request.method().filter(m -> m.name().equals(Methods.SINGLE_PATH)).isPresent();
  }

  /** What single-path can search of a space. */
  private static SpaceSpec superkernels(SpaceSpec spec) {
    String why = "it is none of mobile blocks.";
    if (spec instanceof MobileSpec mobile) {
      try {
        return Superkernels.searchable(mobile);
      } catch (IllegalArgumentException e) {
        why = String.valueOf(e.getMessage());
      }
    }
    throw new InvalidSearch(
        "method",
        "'%s' cannot search the space '%s': %s Maybe choose mobile-28, mobile-32 or another method."
            .formatted(Methods.SINGLE_PATH, spec.name(), why));
  }

  /** The space for the data: as asked for, or the built-in one nearest to the images' size. */
  static SpaceSpec space(SearchRequest request, DataSet data) {
    int channels = data.shape().channels();
    int side = data.shape().height();
    boolean singlePath = isSinglePath(request);
    int resolution = Settings.resolution(request.settings());
    SpaceSpec spec =
        spec(request)
            .map(asked -> asked.withChannels(channels))
            .map(asked -> resolution > 0 ? asked.withResolutions(List.of(resolution)) : asked)
            .orElseGet(
                () ->
                    singlePath
                        ? SpaceFiles.mobileForImages(channels, side)
                        : SpaceFiles.forImages(channels, side));
    return singlePath ? superkernels(spec) : spec;
  }

  /**
   * The space for the data, without reading these. The built-in images stand for all others where
   * the space is chosen: all data sets have three channels.
   *
   * @return empty if the space depends on the size of images that are not built in
   */
  static Optional<SpaceSpec> spaceUnread(SearchRequest request) {
    if (request.space().isEmpty() && !request.data().equals(BUILTIN)) {
      return Optional.empty();
    }
    DataOptions few = DataOptions.of(request.seed()).withAtMost(1, 1, 1);
    return Optional.of(space(request, DataSets.load(BUILTIN, few, (fraction, message) -> {})));
  }

  private static void requireColours(SpaceSpec spec) {
    if (spec.channels() != CHANNELS) {
      throw new InvalidSearch(
          "space.input.channels",
          "space '%s' takes images of %d channel(s), but all data have three: grey images are repeated. Maybe say channels: 3."
              .formatted(spec.name(), spec.channels()));
    }
  }

  /**
   * Refuses a request that cannot be run.
   *
   * @throws InvalidSearch naming the field
   */
  static void check(SearchRequest request) {
    Settings settings = Settings.of(request.settings());
    try {
      if (request.space().orElse(null) instanceof SpaceChoice.Model model) {
        if (settings.resolution() > 0) {
          throw new InvalidSearch(
              "settings.resolution",
              "a trained model that is cut keeps the size of its input. Maybe leave this out.");
        }
        BroughtModel.check(request, model);
      } else {
        spec(request)
            .ifPresent(
                spec -> {
                  requireColours(spec);
                  if (settings.resolution() > 0) {
                    var unused =
                        SpaceFiles.read(
                            spec.withResolutions(List.of(settings.resolution())).json());
                  }
                  if (isSinglePath(request)) {
                    SpaceSpec unused = superkernels(spec);
                  }
                });
      }
    } catch (IllegalArgumentException e) {
      throw new InvalidSearch("space", e.getMessage());
    }
    try {
      DataSets.check(request.data());
    } catch (DataException e) {
      throw new InvalidSearch("data", e.getMessage());
    }
  }
}
