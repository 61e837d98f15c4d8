package dev.lathe.supernet;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How long a training step takes on this machine: the mean over a second and at least 12 steps, the
 * first third left out.
 */
public final class StepTime {
  /** The most steps that are made to find out. */
  public static final int MOST_STEPS = 300;

  private static final int LEAST_STEPS = 12;
  private static final double LEAST_SECONDS = 1;

  /** No batch is halved below this. */
  private static final int LEAST_BATCH = 64;

  /** Images a second by which a batch of twice the size must be ahead, as a ratio. */
  private static final double WORTH = 1.3;

  private StepTime() {}

  /**
   * The batch with which a network is trained best in a given time: that of a recipe, or half of it
   * where larger batches hardly see more images a second, for then more steps are worth more. (So
   * it is with depthwise convolutions on processors: 1.2 times the images a second for twice the
   * batch, against 1.5 times with dense ones.)
   *
   * @param recipe with the larger batch
   * @param secondsPerStep of a training by given settings, on this machine
   */
  public static int batch(
      TrainingSettings recipe, ToDoubleFunction<TrainingSettings> secondsPerStep) {
    int half = recipe.batch() / 2;
    if (half < LEAST_BATCH) {
      return recipe.batch();
    }
    double gain =
        2
            * secondsPerStep.applyAsDouble(recipe.withBatch(half))
            / secondsPerStep.applyAsDouble(recipe);
    return gain < WORTH ? half : recipe.batch();
  }

  /**
   * Measures.
   *
   * @param trainer on weights that are thrown away, with at least {@value #MOST_STEPS} steps to go
   * @param beforeEach called before every step; what it throws ends the measurement
   */
  public static double seconds(Trainer trainer, Runnable beforeEach) {
    List<Double> seconds = new ArrayList<>();
    double sum = 0;
    while (seconds.size() < LEAST_STEPS || (sum < LEAST_SECONDS && seconds.size() < MOST_STEPS)) {
      beforeEach.run();
      long start = System.nanoTime();
      trainer.advance();
      seconds.add((System.nanoTime() - start) / 1e9);
      sum += seconds.getLast();
    }
    List<Double> later = seconds.subList(seconds.size() / 3, seconds.size());
    return later.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
