package dev.lathe.supernet;

import java.util.ArrayList;
import java.util.List;

/**
 * How long a training step takes on this machine: the mean over a second and at least 6 steps, or 3
 * where these take long, the first third left out.
 */
public final class StepTime {
  /** The most steps that are made to find out. */
  public static final int MOST_STEPS = 300;

  private static final int LEAST_STEPS = 6;
  private static final int LEAST_LONG_STEPS = 3;
  private static final double LEAST_SECONDS = 1;
  private static final double LONG_SECONDS = 3;

  private StepTime() {}

  /**
   * Measures.
   *
   * @param trainer on weights that are thrown away, with at least {@value #MOST_STEPS} steps to go
   * @param beforeEach called before every step; what it throws ends the measurement
   */
  public static double seconds(Trainer trainer, Runnable beforeEach) {
    List<Double> seconds = new ArrayList<>();
    double sum = 0;
    while (seconds.size() < (sum < LONG_SECONDS ? LEAST_STEPS : LEAST_LONG_STEPS)
        || (sum < LEAST_SECONDS && seconds.size() < MOST_STEPS)) {
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
