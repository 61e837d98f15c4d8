package dev.lathe.runs.stages;

import dev.lathe.data.DataSet;
import dev.lathe.data.LabelledImages;
import dev.lathe.farm.Sha256;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.SpaceSpec;
import dev.lathe.supernet.Workers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What all stages of one search share.
 *
 * @param spaceKey under which predictors for the space are stored
 * @param model whose cuts are the space; empty where the space is of networks that are trained
 */
record Run(
    SearchRequest request,
    Settings settings,
    RunStore store,
    Measurements measurements,
    RunControl control,
    Path workFolder,
    DataSet data,
    NetworkSpace space,
    String spaceKey,
    Optional<TrainedModel> model,
    Optional<Folds> folds,
    RandomStreams streams,
    Workers workers,
    Clock clock,
    Goals problem,
    FormChoice forms,
    boolean calibratesOnly) {
  RunFrame frame() {
    return new RunFrame(request, settings, store, control, clock, problem, this::progress);
  }

  /** Whether training sees each class equally often, however many images it has. */
  boolean balances() {
    return DataFacts.balances(data, settings);
  }

  /** The data as networks are trained on them. */
  DataSet taught() {
    return balances() ? data.withTrain(lessons()) : data;
  }

  /** What networks are trained on, and what their batch norms are estimated on. */
  LabelledImages lessons() {
    return DataFacts.lessons(data, settings);
  }

  Facts facts() {
    return new Facts(store);
  }

  void progress(Stage stage, double fraction, String message) {
    double done =
        calibratesOnly ? Course.calibrating(fraction) : Course.of(this).at(stage, fraction);
    store.progress(stage.label(), done, message);
  }

  /** A space's name, and a digest of its definition that tells it from others of that name. */
  static String keyOf(SpaceSpec spec) {
    return keyOf(spec.name(), spec.json());
  }

  static String keyOf(String name, String definition) {
    byte[] bytes = definition.getBytes(StandardCharsets.UTF_8);
    return name + "@" + Sha256.of(bytes).substring(0, DIGEST);
  }

  /** The seconds that the whole search may take. */
  double budgetSeconds() {
    return budgetSeconds(request);
  }

  /** Seconds that a request allows for everything from its launch on. */
  static double budgetSeconds(SearchRequest request) {
    double seconds = 60 * request.budget().allowedMinutes();
    return Math.max(LEAST_SHARE * seconds, seconds - request.budget().spentSeconds());
  }

  /** Of the minutes, however much passed before the launch. */
  private static final double LEAST_SHARE = 0.25;

  private static final int DIGEST = 12;
}
