package dev.lathe.runs.stages;

import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;

/**
 * What every run has, whether or not networks are trained in it.
 *
 * @param goals what the request wants
 */
record RunFrame(
    SearchRequest request,
    Settings settings,
    RunStore store,
    RunControl control,
    Clock clock,
    Goals goals,
    Watcher watcher) {
  /** Told how far a stage is. */
  @FunctionalInterface
  interface Watcher {
    void at(Stage stage, double fraction, String message);
  }

  Facts facts() {
    return new Facts(store);
  }

  void progress(Stage stage, double fraction, String message) {
    watcher.at(stage, fraction, message);
  }
}
