package dev.lathe.runs.stages;

import dev.lathe.graph.Subnet;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import java.util.OptionalLong;

/**
 * Trains one network alone, from the weights it is given: fine-tuning and baselines. A restart
 * begins the network anew, which takes seconds to minutes and changes nothing of the result.
 */
final class Solo {

  private final Run run;

  Solo(Run run) {
    this.run = run;
  }

  /** What a training took. */
  record Effort(long steps, long imagesSeen, double seconds) {}

  /** Told how far a training is. */
  @FunctionalInterface
  interface Watcher {
    void at(double fraction, String message);
  }

  /**
   * Trains for a number of steps, or for about so many seconds where the number is open; the number
   * is decided once and noted under the key.
   *
   * @param recipe whose steps do not count
   */
  Effort train(
      String key,
      Subnet subnet,
      WeightStore store,
      TrainingSettings recipe,
      OptionalLong steps,
      double seconds,
      Watcher watcher) {
    Curriculum curriculum = Curriculum.only(subnet);
    long planned =
        steps.orElseGet(
            () ->
                run.facts()
                    .once(
                        key + ".steps",
                        Long.class,
                        () ->
                            Math.max(
                                10,
                                Math.round(
                                    seconds
                                        / StepProbe.secondsPerStep(
                                            run, store.specs(), curriculum, recipe)))));
    double start = run.clock().seconds();
    double told = start;
    try (Trainer trainer =
        new Trainer(
            store,
            run.lessons(),
            run.data().normalization(),
            recipe.withSteps(planned),
            curriculum,
            run.streams(),
            key,
            run.workers())) {
      while (!trainer.finished()) {
        run.control().checkpoint();
        double loss = trainer.advance();
        double now = run.clock().seconds();
        if (now - told > 0.5) {
          told = now;
          watcher.at(
              (double) trainer.step() / planned,
              "step %d of %d, loss %.3f".formatted(trainer.step(), planned, loss));
        }
      }
    }
    run.clock().save();
    return new Effort(planned, planned * recipe.batch(), run.clock().seconds() - start);
  }
}
