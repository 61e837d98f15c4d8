package dev.lathe.service.stages;

import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Measures how long a training step takes on this machine, on weights that are thrown away: the
 * mean over a second and at least 12 steps, the first third left out.
 */
final class StepProbe {
  private static final int LEAST_STEPS = 12;
  private static final int MOST_STEPS = 300;
  private static final double LEAST_SECONDS = 1;

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
                settings.withSteps(MOST_STEPS).withPeakLearningRate(1e-4),
                curriculum,
                run.streams(),
                "probe",
                run.workers())) {
      List<Double> seconds = new ArrayList<>();
      double sum = 0;
      while (seconds.size() < LEAST_STEPS || (sum < LEAST_SECONDS && seconds.size() < MOST_STEPS)) {
        run.control().checkpoint();
        long start = System.nanoTime();
        trainer.advance();
        seconds.add((System.nanoTime() - start) / 1e9);
        sum += seconds.getLast();
      }
      List<Double> later = seconds.subList(seconds.size() / 3, seconds.size());
      return later.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
  }
}
