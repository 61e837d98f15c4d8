package dev.lathe.runs.stages;

import dev.lathe.data.Augmentation;
import dev.lathe.data.DataSet;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.onnx.FineTuner;
import dev.lathe.supernet.onnx.FineTuning;
import dev.lathe.supernet.transfer.Backbone;
import dev.lathe.supernet.transfer.LinearNetwork;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * A trained backbone for new classes, whole and cut: the last layer is fitted to the images anew,
 * then all weights are trained by their labels.
 */
final class TransferMembers {
  /** Key of the whole backbone's files, without form. */
  static final String WHOLE = "backbone";

  /** So many times the seconds of a cut: it is larger, and what everyone asks for first. */
  private static final double WHOLE_SHARE = 2;

  private static final double LEARNING_RATE = 1e-3;
  private static final int BATCH = 32;

  /** However little time is left: a cut is no network without a last layer that is trained. */
  private static final long STEPS_OF_ANY = 20;

  /** More passes over the images than these gain nothing. */
  private static final int MOST_PASSES = 60;

  private static final long FEW_STEPS = 400;
  private static final int PROBED_STEPS = 8;
  private static final int WARM_UP_STEPS = 3;

  private final Run run;
  private final TrainedModel model;
  private final Finishing finishing;

  TransferMembers(Run run, TrainedModel model, Finishing finishing) {
    this.run = run;
    this.model = model;
    this.finishing = finishing;
  }

  void run() {
    OnnxGraph whole = Backbone.features(model.brought().graph());
    TransferPlan plan = run.facts().once(TransferPlan.FACT, TransferPlan.class, () -> plan(whole));
    if (plan.whole()) {
      whole(plan);
    }
    new Members(run, finishing)
        .write(
            plan.cuts(),
            (key, chosen, seconds, watcher) ->
                made(
                    key,
                    model.sorted().graph(chosen.network()),
                    plan,
                    chosen.forms(),
                    seconds,
                    watcher));
  }

  private TransferPlan plan(OnnxGraph features) {
    int cuts = run.settings().members();
    if (run.settings().fineTuneSteps().isPresent()) {
      return new TransferPlan(run.folds().isPresent(), true, cuts);
    }
    Pace pace = pace(features);
    return TransferPlan.of(
        Baselines.secondsLeft(run),
        pace.seconds(TransferPlan.LEAST_STEPS),
        run.folds().isPresent(),
        cuts);
  }

  /** First, so that what it takes is known when the rest of the time is shared out among cuts. */
  private void whole(TransferPlan plan) {
    List<Form> forms = Form.USUAL.stream().filter(run.forms().active()::contains).toList();
    if (forms.isEmpty() || finishing.isDone(WHOLE, forms)) {
      return;
    }
    double seconds = WHOLE_SHARE * Baselines.secondsLeft(run) / (plan.cuts() + WHOLE_SHARE);
    Members.Made whole =
        made(
            WHOLE,
            model.brought().graph(),
            plan,
            forms,
            seconds,
            (fraction, message) ->
                run.progress(Stage.FINE_TUNING, 0, "the whole backbone: " + message));
    finishing.write(
        new Finishing.Network(
            WHOLE,
            ArtifactRecord.Kind.MEMBER,
            whole.graph(),
            Map.of(),
            whole.effort(),
            whole.crossValidated()),
        forms);
  }

  private Members.Made made(
      String key,
      OnnxGraph start,
      TransferPlan plan,
      Collection<Form> forms,
      double seconds,
      Solo.Watcher watcher) {
    OnnxGraph features = Backbone.features(start);
    int trainings = plan.folds() ? CrossValidation.trainings() : 1;
    long steps =
        run.settings()
            .fineTuneSteps()
            .orElseGet(
                () ->
                    run.facts()
                        .once(
                            key + ".steps",
                            Long.class,
                            () -> steps(pace(features), seconds / trainings)));
    double began = run.clock().seconds();
    Members.Made made =
        run.folds()
            .filter(_ -> plan.folds())
            .map(
                folds -> {
                  CrossValidation.Judged judged =
                      new CrossValidation(run, folds)
                          .judge(
                              key,
                              forms,
                              (_, taught, _, told) -> trained(features, taught, steps, told),
                              watcher);
                  return new Members.Made(
                      judged.network(), effort(steps, began), judged.accuracy());
                })
            .orElseGet(
                () ->
                    new Members.Made(
                        trained(features, run.data(), steps, watcher),
                        effort(steps, began),
                        Map.of()));
    run.clock().save();
    return made;
  }

  private Solo.Effort effort(long steps, double began) {
    return new Solo.Effort(steps, steps * BATCH, run.clock().seconds() - began);
  }

  /** Fits a last layer, and trains everything. */
  private OnnxGraph trained(OnnxGraph features, DataSet taught, long steps, Solo.Watcher watcher) {
    run.control().checkpoint();
    return tuned(
        fitted(features, taught),
        taught,
        steps,
        (fraction, message) -> {
          run.control().checkpoint();
          watcher.at(fraction, message);
        });
  }

  private OnnxGraph fitted(OnnxGraph features, DataSet taught) {
    return LinearNetwork.fit(
            features,
            Evaluator.side(features),
            taught,
            LinearMembers.FEW,
            run.request().seed(),
            run.workers())
        .graph();
  }

  private OnnxGraph tuned(OnnxGraph network, DataSet taught, long steps, Solo.Watcher watcher) {
    FineTuning.Lessons lessons =
        new FineTuning.Lessons(
            DataFacts.lessons(taught, run.settings()),
            taught.normalization(),
            Augmentation.of(taught));
    FineTuning settings = new FineTuning(steps, BATCH, LEARNING_RATE, 1, 1, run.request().seed());
    return new FineTuner(settings, lessons, run.workers()).tune(network, network, watcher::at);
  }

  /**
   * What a training takes.
   *
   * @param fitting seconds of the last layer's fit
   * @param step seconds of a step
   */
  private record Pace(double fitting, double step) {
    double seconds(long steps) {
      return fitting + steps * step;
    }
  }

  private Pace pace(OnnxGraph features) {
    long start = System.nanoTime();
    OnnxGraph network = fitted(features, run.data());
    double fitting = (System.nanoTime() - start) / 1e9;
    List<Long> ends = new ArrayList<>();
    OnnxGraph unused =
        tuned(
            network,
            run.data(),
            PROBED_STEPS,
            (_, _) -> {
              run.control().checkpoint();
              ends.add(System.nanoTime());
            });
    return new Pace(
        fitting,
        (ends.getLast() - ends.get(WARM_UP_STEPS - 1)) / 1e9 / (PROBED_STEPS - WARM_UP_STEPS));
  }

  /** As many steps as fit into some seconds, and no more than are of use. */
  private long steps(Pace pace, double seconds) {
    long useful = Math.max(FEW_STEPS, (long) MOST_PASSES * run.data().train().size() / BATCH);
    return Math.clamp((long) ((seconds - pace.fitting()) / pace.step()), STEPS_OF_ANY, useful);
  }
}
