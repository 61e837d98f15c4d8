package dev.lathe.runs.stages;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.slim.MemberWeights;
import dev.lathe.runs.slim.Tuning;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Files of a search among the cuts of a trained model: the model itself, the point to beat, and
 * members, trained by its answers and the labels.
 */
final class CutMembers {
  /** With a member's key before it: the fact that says which weights were better. */
  static final String WEIGHTS = ".weights";

  /** Key of the model's own files, without form. */
  static final String ORIGINAL = "original";

  private static final String SENT = "model";

  private final Run run;
  private final TrainedModel model;
  private final Finishing finishing;

  CutMembers(Run run, TrainedModel model, Finishing finishing) {
    this.run = run;
    this.model = model;
    this.finishing = finishing;
  }

  /** Writes the model in float32, and in int8 where that is searched. */
  void original() {
    if (run.store().artifact(SENT).isEmpty()) {
      // As it came, so that the search can be launched again as long as it is there.
      run.store()
          .artifact(
              ArtifactRecord.file(SENT, ArtifactRecord.Kind.OTHER, SENT, ArtifactRecord.ONNX),
              model.brought().file());
    }
    List<Form> forms = new ArrayList<>(List.of(Form.FLOAT32));
    if (run.forms().active().contains(Form.INT8)) {
      forms.add(Form.INT8);
    }
    if (!finishing.isDone(ORIGINAL, forms)) {
      run.progress(Stage.SEARCH, 0, "the original is judged");
      finishing.write(
          new Finishing.Network(
              ORIGINAL,
              ArtifactRecord.Kind.BASELINE,
              model.brought().graph(),
              Map.of(),
              new Solo.Effort(0, 0, 0)),
          forms);
    }
  }

  /** Trains and writes the members. */
  void run() {
    Tuning tuning =
        new Tuning(
            model.brought().graph(), model.lessons(), true, run.request().seed(), run.workers());
    new Members(run, finishing)
        .write(
            (key, chosen, seconds, watcher) ->
                made(tuning, key, chosen.network(), seconds, watcher));
  }

  private Members.Made made(
      Tuning tuning, String key, Architecture network, double seconds, Solo.Watcher watcher) {
    OnnxGraph refitted = model.sorted().graph(network);
    long steps =
        run.settings()
            .fineTuneSteps()
            .orElseGet(
                () ->
                    run.facts()
                        .once(
                            key + ".steps",
                            Long.class,
                            () ->
                                tuning.steps(
                                    refitted, seconds, (_, _) -> run.control().checkpoint())));
    double start = run.clock().seconds();
    MemberWeights.Best best =
        tuning.best(
            refitted,
            steps,
            (fraction, message) -> {
              run.control().checkpoint();
              watcher.at(fraction, message);
            });
    run.facts().put(key + WEIGHTS, best.weights());
    run.clock().save();
    boolean trained = best.weights().equals(MemberWeights.TRAINED);
    return new Members.Made(
        best.model(),
        new Solo.Effort(
            trained ? steps : 0,
            trained ? steps * Tuning.BATCH : 0,
            run.clock().seconds() - start));
  }
}
