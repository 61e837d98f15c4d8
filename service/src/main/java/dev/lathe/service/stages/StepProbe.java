package dev.lathe.service.stages;

import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import java.util.List;
import java.util.Map;

/** Measures how long a training step takes on this machine, on weights that are thrown away. */
final class StepProbe {
  private static final int WARM_UP = 3;
  private static final int STEPS = 12;

  private StepProbe() {}

  static double secondsPerStep(
      Run run,
      Map<String, List<Integer>> tensors,
      Curriculum curriculum,
      TrainingSettings settings) {
    try (WeightStore store = WeightStore.initialised(tensors, run.streams().at("probe", 0));
        Trainer trainer =
            new Trainer(
                store,
                run.data().train(),
                run.data().normalization(),
                settings.withSteps(WARM_UP + STEPS).withPeakLearningRate(1e-4),
                curriculum,
                run.streams(),
                "probe",
                run.workers())) {
      long start = 0;
      for (int i = 0; i < WARM_UP + STEPS; i++) {
        run.control().checkpoint();
        if (i == WARM_UP) {
          start = System.nanoTime();
        }
        trainer.advance();
      }
      return (System.nanoTime() - start) / 1e9 / STEPS;
    }
  }
}
