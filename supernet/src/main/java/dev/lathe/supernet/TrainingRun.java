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
   * Advances a trainer until it has finished, and keeps a checkpoint every 20 s and at the end.
   *
   * @param trainer at step 0
   * @return the seconds that it took, those before the checkpoint included
   * @throws IOException if the checkpoint cannot be read, or belongs to another training
   */
  public static double finish(Trainer trainer, Path checkpoint, Progress progress)
      throws IOException {
    double before = 0;
    if (Files.exists(checkpoint)) {
      before = Double.parseDouble(trainer.load(checkpoint).getOrDefault(SECONDS, "0"));
    }
    long first = trainer.step();
    long start = System.nanoTime();
    double seconds = 0;
    double saved = 0;
    double told = 0;
    double loss = Double.NaN;
    while (!trainer.finished()) {
      double now = trainer.advance();
      loss = Double.isNaN(loss) ? now : 0.95 * loss + 0.05 * now;
      seconds = (System.nanoTime() - start) / 1e9;
      if (seconds - told > PROGRESS_SECONDS) {
        told = seconds;
        long left = trainer.steps() - trainer.step();
        progress.at(
            (double) trainer.step() / trainer.steps(),
            "step %d of %d, loss %.3f, %.0f s left"
                .formatted(
                    trainer.step(),
                    trainer.steps(),
                    loss,
                    seconds / (trainer.step() - first) * left));
      }
      if (seconds - saved > CHECKPOINT_SECONDS || trainer.finished()) {
        saved = seconds;
        trainer.save(checkpoint, Map.of(SECONDS, Double.toString(before + seconds)));
      }
    }
    return before + seconds;
  }
}
