package dev.lathe.runs.stages;

import dev.lathe.data.Augmentation;
import dev.lathe.graph.Subnet;
import dev.lathe.supernet.TrainingSettings;

/** How the networks of a run are trained. */
final class Recipe {
  private Recipe() {}

  /** With the batch that is asked for, or the usual one for so many images and such a network. */
  static TrainingSettings of(Run run, long steps, Subnet network) {
    boolean asked = run.request().settings().containsKey("batch");
    return TrainingSettings.of(steps, Augmentation.of(run.data()))
        .withBatch(
            asked
                ? run.settings().batch()
                : TrainingSettings.usualBatch(run.data().train().size(), network.graph()));
  }
}
