package dev.lathe.runs.isolated;

import dev.lathe.onnx.trial.ModelTrial;
import java.time.Duration;

/**
 * What work on a model that somebody sent may use.
 *
 * @param memoryBytes of the data segment of a run's process, a quarter of them for Java's heap
 * @param trial for loading the model and running it twice, before anything else is done with it
 * @param silence after which a process that gave no sign is ended
 */
public record ModelLimits(long memoryBytes, Duration trial, Duration silence) {
  private static final long TRIAL_BYTES = 4L << 30;

  /** 8 GiB, 2 minutes, 30 minutes. */
  public static final ModelLimits DEFAULT =
      new ModelLimits(8L << 30, Duration.ofMinutes(2), Duration.ofMinutes(30));

  public ModelLimits {
    if (memoryBytes < 1L << 30 || !trial.isPositive() || silence.compareTo(trial) <= 0) {
      throw new IllegalArgumentException(
          "work on a model needs at least 1 GiB, a positive time to be tried in and a longer silence, not %d bytes, %s and %s."
              .formatted(memoryBytes, trial, silence));
    }
  }

  ModelTrial.Limits ofTrial() {
    return new ModelTrial.Limits(Math.min(TRIAL_BYTES, memoryBytes), trial);
  }
}
