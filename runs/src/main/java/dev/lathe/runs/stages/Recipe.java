package dev.lathe.runs.stages;

import dev.lathe.data.Augmentation;
import dev.lathe.graph.TensorSpec;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.StepTime;
import dev.lathe.supernet.TrainingSettings;
import java.util.Map;
import java.util.OptionalLong;

/** How the networks of a run are trained. */
final class Recipe {
  private Recipe() {}

  /** With the batch that is asked for, or the usual one for so many images. */
  static TrainingSettings of(Run run, long steps) {
    return TrainingSettings.of(steps, Augmentation.of(run.data()))
        .withBatch(run.settings().batch());
  }

  /**
   * With the batch that is asked for, or, where the number of steps is open, the one that suits
   * networks of a kind on this machine; decided once and noted.
   *
   * @param steps that are asked for; with them the result must not depend on this machine's speed
   * @param kind of networks, a key
   * @param tensors of one of them, and its curriculum
   */
  static TrainingSettings suiting(
      Run run,
      OptionalLong steps,
      String kind,
      Map<String, TensorSpec> tensors,
      Curriculum curriculum) {
    TrainingSettings usual = of(run, 1);
    if (steps.isPresent() || run.request().settings().containsKey("batch")) {
      return usual;
    }
    return usual.withBatch(
        run.facts()
            .once(
                kind + ".batch",
                Integer.class,
                () ->
                    StepTime.batch(
                        usual,
                        settings -> StepProbe.secondsPerStep(run, tensors, curriculum, settings))));
  }
}
