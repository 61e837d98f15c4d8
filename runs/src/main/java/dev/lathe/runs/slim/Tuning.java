package dev.lathe.runs.slim;

import dev.lathe.data.Progress;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.supernet.Loss;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.onnx.FineTuner;
import dev.lathe.supernet.onnx.FineTuning;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains cuts of a model by its answers, and by labels where these count.
 *
 * @param original the teacher
 * @param lessons with examples
 * @param labels whether labels count
 */
public record Tuning(
    OnnxGraph original, Lessons lessons, boolean labels, long seed, Workers workers) {
  /** Steps by which the time of one is told. */
  private static final int PROBED_STEPS = 12;

  private static final int WARM_UP_STEPS = 4;

  /** Items of a step. */
  public static final int BATCH = 64;

  private static final double LEARNING_RATE = 1e-3;
  private static final double LABELS = 0.5;
  private static final double TEMPERATURE = 2;
  private static final int STATISTICS_ITEMS = 256;

  /** A trained copy of a cut. */
  private OnnxGraph tuned(OnnxGraph cut, long steps, Progress progress) {
    FineTuning training =
        new FineTuning(steps, BATCH, LEARNING_RATE, labels ? LABELS : 0, TEMPERATURE, seed);
    FineTuner tuner = new FineTuner(training, lessons.examples().orElseThrow(), workers);
    return !labels && lessons.search().classes() == 0
        ? tuner.tune(cut, original, new Loss.Agreement(), progress)
        : tuner.tune(cut, original, progress);
  }

  /** The better of a refitted cut as it is and after training. */
  public MemberWeights.Best best(OnnxGraph refitted, long steps, Progress progress) {
    return MemberWeights.of(original, lessons, STATISTICS_ITEMS)
        .best(refitted, refit -> tuned(refit, steps, progress));
  }

  /**
   * As many steps as fit into some seconds, by the time that a few take when the first are over; at
   * least those few.
   */
  public long steps(OnnxGraph cut, double seconds, Progress progress) {
    List<Long> ends = new ArrayList<>();
    OnnxGraph unused =
        tuned(
            cut,
            PROBED_STEPS,
            (fraction, message) -> {
              ends.add(System.nanoTime());
              progress.at(fraction, message);
            });
    long nanos = ends.getLast() - ends.get(WARM_UP_STEPS - 1);
    double each = nanos / 1e9 / (PROBED_STEPS - WARM_UP_STEPS);
    return Math.max(PROBED_STEPS, (long) (seconds / each));
  }
}
