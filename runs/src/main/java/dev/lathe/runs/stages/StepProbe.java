package dev.lathe.runs.stages;

import dev.lathe.graph.TensorSpec;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.StepTime;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import java.util.Map;

/** Measures how long a training step takes, on weights that are thrown away. */
final class StepProbe {
  private StepProbe() {}

  static double secondsPerStep(
      Run run, Map<String, TensorSpec> tensors, Curriculum curriculum, TrainingSettings settings) {
    try (WeightStore store = WeightStore.initialised(tensors, run.streams().at("probe", 0));
        Trainer trainer =
            new Trainer(
                store,
                run.lessons(),
                run.data().normalization(),
                settings.withSteps(StepTime.MOST_STEPS).withPeakLearningRate(1e-4),
                curriculum,
                run.streams(),
                "probe",
                run.workers())) {
      return StepTime.seconds(trainer, run.control()::checkpoint);
    }
  }
}
