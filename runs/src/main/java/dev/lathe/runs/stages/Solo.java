package dev.lathe.runs.stages;

import dev.lathe.data.LabelledImages;
import dev.lathe.graph.TensorSpec;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Trains one network alone, from the weights it is given: fine-tuning and baselines. A restart
 * begins the network anew, which takes seconds to minutes and changes nothing of the result.
 */
final class Solo {
  private static final long LEAST_STEPS = 10;

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
   * Trains for a number of steps, or for about so many seconds where the number is open.
   *
   * @param curriculum gives what trains the network; made anew for finding out how long a step
   *     takes
   * @param recipe whose steps do not count
   * @param lessons to learn from
   */
  Effort train(
      String key,
      Supplier<Curriculum> curriculum,
      WeightStore store,
      TrainingSettings recipe,
      LabelledImages lessons,
      OptionalLong steps,
      double seconds,
      Watcher watcher) {
    long planned = steps(key, curriculum, store.specs(), recipe, steps, seconds);
    double start = run.clock().seconds();
    double told = start;
    try (Trainer trainer =
        new Trainer(
            store,
            lessons,
            run.data().normalization(),
            recipe.withSteps(planned),
            curriculum.get(),
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

  /**
   * The steps asked for, or as many as fit into some seconds: decided once and noted under the key.
   */
  long steps(
      String key,
      Supplier<Curriculum> curriculum,
      Map<String, TensorSpec> tensors,
      TrainingSettings recipe,
      OptionalLong asked,
      double seconds) {
    return asked.orElseGet(
        () ->
            run.facts()
                .once(
                    key + ".steps",
                    Long.class,
                    () ->
                        Math.max(
                            LEAST_STEPS,
                            Math.round(
                                seconds
                                    / StepProbe.secondsPerStep(
                                        run, tensors, curriculum.get(), recipe)))));
  }
}
