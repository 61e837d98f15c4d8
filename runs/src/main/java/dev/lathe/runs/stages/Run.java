package dev.lathe.runs.stages;

import dev.lathe.data.DataSet;
import dev.lathe.farm.Sha256;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SpaceDefinition;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.supernet.Workers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What all stages of one search share. */
record Run(
    SearchRequest request,
    Settings settings,
    RunStore store,
    Measurements measurements,
    RunControl control,
    Path workFolder,
    DataSet data,
    MobileSpace space,
    RandomStreams streams,
    Workers workers,
    Clock clock,
    boolean calibratesOnly) {
  Facts facts() {
    return new Facts(store);
  }

  void progress(Stage stage, double fraction, String message) {
    double done = calibratesOnly ? LOADING + (1 - LOADING) * fraction : stage.overall(fraction);
    store.progress(stage.label(), done, message);
  }

  /** The key of the run's space. */
  String spaceKey() {
    return keyOf(space);
  }

  /** A space's name, and a digest of its definition that tells it from others of that name. */
  static String keyOf(MobileSpace space) {
    SpaceDefinition definition = Spaces.definition(space);
    byte[] json = definition.json().getBytes(StandardCharsets.UTF_8);
    return definition.name() + "@" + Sha256.of(json).substring(0, DIGEST);
  }

  /** The seconds that the whole search may take. */
  double budgetSeconds() {
    return 60 * request.minutes().orElse(DEFAULT_MINUTES);
  }

  static final double DEFAULT_MINUTES = 5.4;

  /** Share of a calibration that is over when its data are loaded. */
  private static final double LOADING = 0.03;

  private static final int DIGEST = 12;
}
