package dev.lathe.service.stages;

import dev.lathe.data.DataSet;
import dev.lathe.service.pipeline.Measurements;
import dev.lathe.service.pipeline.RunControl;
import dev.lathe.service.pipeline.RunStore;
import dev.lathe.service.pipeline.SearchRequest;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.supernet.Workers;
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
    Clock clock) {
  Facts facts() {
    return new Facts(store);
  }

  void progress(Stage stage, double fraction, String message) {
    store.progress(stage.label(), stage.overall(fraction), message);
  }

  /** The seconds that the whole search may take. */
  double budgetSeconds() {
    return 60 * request.minutes().orElse(DEFAULT_MINUTES);
  }

  static final double DEFAULT_MINUTES = 5.4;
}
