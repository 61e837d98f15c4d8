package dev.lathe.cli.compress;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.recipe.CompressionStep;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.data.Augmentation;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.Progress;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.supernet.TrainingDiverged;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.onnx.FineTuner;
import dev.lathe.supernet.onnx.FineTuning;

/**
 * Fine-tunes with all training images of a data set, which is loaded when it is needed.
 *
 * @param spec the data set, as after {@code --calibration}
 * @param seed of data, order and augmentation
 * @param progress is told of every step
 */
record ImageLessons(String spec, long seed, Progress progress) implements Compressor.FineTuner {
  @Override
  public OnnxGraph tune(OnnxGraph student, OnnxGraph teacher, CompressionStep.FineTune step) {
    if (spec.startsWith("noise")) {
      return Compressor.FineTuner.none().tune(student, teacher, step);
    }
    int side = CalibrationSource.side(teacher);
    DataSet data = DataSets.load(spec, DataOptions.of(seed).withResolution(side), Progress.none());
    FineTuning settings =
        new FineTuning(
            step.steps(),
            step.batch(),
            step.learningRate(),
            step.labels(),
            step.temperature(),
            seed);
    FineTuning.Lessons lessons =
        new FineTuning.Lessons(
            data.train(), CalibrationSource.normalization(teacher, data), Augmentation.of(data));
    try (Workers workers = Workers.ofProcessors()) {
      return new FineTuner(settings, lessons, workers).tune(student, teacher, progress);
    } catch (OnnxException | TrainingDiverged e) {
      throw new CompressionException(e.getMessage());
    }
  }
}
