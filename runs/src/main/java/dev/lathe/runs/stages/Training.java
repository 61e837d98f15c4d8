package dev.lathe.runs.stages;

import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.RunStopped;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.runs.SupernetRecord;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.Lesson;
import dev.lathe.supernet.Safetensors;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Trains the supernet, from its last checkpoint if there is one. */
final class Training {
  private static final String CHECKPOINT = "supernet.safetensors";
  private static final String WEIGHTS = "supernet";

  /**
   * Of the time that is left for training. What a supernet is trained longer ranks little better;
   * members gain more from the seconds.
   */
  private static final double SHARE = 0.15;

  private static final double CHECKPOINT_SECONDS = 20;
  private static final long LEAST_STEPS = 10;

  private final Run run;
  private double secondsBefore;

  Training(Run run) {
    this.run = run;
  }

  /** The trained weights; to be closed by the caller. */
  WeightStore run() {
    WeightStore store =
        WeightStore.initialised(run.space().specs(), run.streams().at("supernet.weights", 0));
    TrainingSettings settings = settings();
    long steps =
        run.settings()
            .supernetSteps()
            .orElseGet(() -> run.facts().once("supernet.steps", Long.class, () -> plan(settings)));
    Curriculum curriculum = run.settings().lesson().curriculum(run.space(), run.streams(), steps);
    try (Trainer trainer =
        new Trainer(
            store,
            run.lessons(),
            run.data().normalization(),
            settings.withSteps(steps),
            curriculum,
            run.streams(),
            "supernet",
            run.workers())) {
      Path checkpoint = run.workFolder().resolve(CHECKPOINT);
      if (Files.exists(checkpoint)) {
        trainer.load(checkpoint);
      } else if (run.settings().initialWeights().isPresent()) {
        store.load(Safetensors.read(run.settings().initialWeights().get()).tensors());
      }
      secondsBefore = run.store().supernet().map(SupernetRecord::seconds).orElse(0.0);
      train(trainer, steps, checkpoint, store);
      keep(checkpoint);
      return store;
    } catch (IOException e) {
      store.close();
      throw new UncheckedIOException("cannot keep the supernet's checkpoint: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** The trained weights as a file of the search, with which others can begin. */
  private void keep(Path checkpoint) throws IOException {
    if (run.store().artifact(WEIGHTS).isEmpty()) {
      StoredArtifact unused =
          run.store()
              .artifact(
                  ArtifactRecord.file(
                      WEIGHTS, ArtifactRecord.Kind.OTHER, WEIGHTS, ArtifactRecord.SAFETENSORS),
                  Files.readAllBytes(checkpoint));
    }
  }

  private TrainingSettings settings() {
    return Recipe.of(run, 1, run.space().subnet(run.space().largest()));
  }

  private long plan(TrainingSettings settings) {
    double seconds = SHARE * Baselines.secondsLeft(run);
    double each =
        Lesson.LARGEST_ALONE * secondsPerStep(Lesson.alone(run.space()), settings)
            + (1 - Lesson.LARGEST_ALONE)
                * secondsPerStep(
                    run.settings().lesson().sharing(run.space(), run.streams()), settings);
    return Math.max(LEAST_STEPS, Math.round(seconds / each));
  }

  private double secondsPerStep(Curriculum curriculum, TrainingSettings settings) {
    return StepProbe.secondsPerStep(run, run.space().specs(), curriculum, settings);
  }

  private void train(Trainer trainer, long steps, Path checkpoint, WeightStore store)
      throws IOException {
    if (trainer.finished()) {
      return;
    }
    double start = run.clock().seconds();
    double saved = start;
    double told = start - 1;
    double loss = Double.NaN;
    try {
      while (!trainer.finished()) {
        run.control().checkpoint();
        double now = trainer.advance();
        loss = Double.isNaN(loss) ? now : 0.95 * loss + 0.05 * now;
        double seconds = run.clock().seconds();
        if (seconds - told > 0.5) {
          told = seconds;
          run.progress(
              Stage.TRAINING,
              (double) trainer.step() / steps,
              "supernet: step %d of %d, loss %.3f".formatted(trainer.step(), steps, loss));
        }
        if (seconds - saved > CHECKPOINT_SECONDS && !trainer.finished()) {
          saved = seconds;
          save(trainer, checkpoint, start, store);
        }
      }
    } catch (RunStopped stopped) {
      save(trainer, checkpoint, start, store);
      throw stopped;
    }
    save(trainer, checkpoint, start, store);
  }

  private void save(Trainer trainer, Path checkpoint, double start, WeightStore store)
      throws IOException {
    trainer.save(checkpoint);
    run.clock().save();
    note(trainer.step(), secondsBefore + run.clock().seconds() - start, store, 0, 0);
  }

  private void note(
      long steps, double seconds, WeightStore store, double largest, double smallest) {
    int batch = settings().batch();
    run.store()
        .supernet(
            new SupernetRecord(
                steps,
                run.settings()
                    .supernetSteps()
                    .orElseGet(() -> run.facts().get("supernet.steps", Long.class).orElse(steps)),
                batch,
                steps * batch,
                seconds,
                store.size(),
                largest,
                smallest,
                Optional.of(CHECKPOINT)));
  }

  /** Notes what the extremes of the space reach on validation images. */
  void evaluateExtremes(WeightStore store, Evaluator evaluator) {
    SupernetRecord record = run.store().supernet().orElseThrow();
    if (record.largestAccuracy() > 0) {
      return;
    }
    List<Evaluator.Evaluation> extremes =
        evaluator.evaluate(
            store,
            List.of(
                run.space().subnet(run.space().largest()),
                run.space().subnet(run.space().smallest())));
    note(
        record.steps(),
        record.seconds(),
        store,
        extremes.get(0).accuracy().top1(),
        extremes.get(1).accuracy().top1());
  }
}
