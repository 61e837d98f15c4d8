package dev.lathe.runs.stages;

import dev.lathe.data.Augmentation;
import dev.lathe.graph.Subnet;
import dev.lathe.supernet.TrainingSettings;

/** How the networks of a run are trained. */
final class Recipe {
  private Recipe() {}

  /**
   * Of the usual learning rate for weights that are trained already: what they know, the full one
   * would partly undo (docs/supernet-search.md has the figures).
   */
  private static final double INHERITED_RATE = 0.5;

  /** For a network that goes on from weights it inherits. */
  static TrainingSettings inherited(Run run, Subnet network) {
    TrainingSettings usual = of(run, 1, network);
    return usual.withPeakLearningRate(INHERITED_RATE * usual.peakLearningRate());
  }

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
