package dev.lathe.supernet;

import dev.lathe.data.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Trains to the end, from the last checkpoint if there is one. */
public final class TrainingRun {
  private static final double CHECKPOINT_SECONDS = 20;
  private static final String SECONDS = "seconds";
  private static final double PROGRESS_SECONDS = 0.5;

  private TrainingRun() {}

  /**
   * Advances a trainer to its last step.
   *
   * @return the seconds that it took, those before the checkpoint included
   * @throws IOException if the checkpoint cannot be read, or belongs to another training
   */
  public static double finish(Trainer trainer, Path checkpoint, Progress progress)
      throws IOException {
    return advance(trainer, trainer.steps(), checkpoint, progress);
  }

  /**
   * Advances a trainer to a step, and keeps a checkpoint every 20 s and at the end.
   *
   * @param trainer at step 0
   * @param until the number of steps that are done then
   * @return the seconds that it took, those before the checkpoint included
   * @throws IOException if the checkpoint cannot be read, or belongs to another training
   */
  public static double advance(Trainer trainer, long until, Path checkpoint, Progress progress)
      throws IOException {
    double before = 0;
    if (Files.exists(checkpoint)) {
      before = Double.parseDouble(trainer.load(checkpoint).getOrDefault(SECONDS, "0"));
    }
    if (trainer.step() >= until && !Files.exists(checkpoint)) {
      trainer.save(checkpoint);
    }
    long first = trainer.step();
    long start = System.nanoTime();
    double seconds = 0;
    double saved = 0;
    double told = 0;
    double loss = Double.NaN;
    while (trainer.step() < until) {
      double now = trainer.advance();
      loss = Double.isNaN(loss) ? now : 0.95 * loss + 0.05 * now;
      seconds = (System.nanoTime() - start) / 1e9;
      if (seconds - told > PROGRESS_SECONDS) {
        told = seconds;
        long left = until - trainer.step();
        progress.at(
            (double) trainer.step() / until,
            "step %d of %d, loss %.3f, %.0f s left"
                .formatted(trainer.step(), until, loss, seconds / (trainer.step() - first) * left));
      }
      if (seconds - saved > CHECKPOINT_SECONDS || trainer.step() == until) {
        saved = seconds;
        trainer.save(checkpoint, Map.of(SECONDS, Double.toString(before + seconds)));
      }
    }
    return before + seconds;
  }
}
