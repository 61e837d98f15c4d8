package dev.lathe.supernet.onnx;

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

/**
 * Fine-tunes with all training images of a data set, which is loaded when it is needed.
 *
 * @param spec the data set, as after {@code --calibration}
 * @param seed of data, order and augmentation
 * @param progress is told of every step
 */
public record ImageLessons(String spec, long seed, Progress progress)
    implements Compressor.FineTuner {
  @Override
  public OnnxGraph tune(OnnxGraph student, OnnxGraph teacher, CompressionStep.FineTune step) {
    if (spec.startsWith("noise")) {
      return Compressor.FineTuner.none().tune(student, teacher, step);
    }
    DataSet data =
        DataSets.load(
            spec, DataOptions.of(seed).withResolution(ImageInput.side(teacher)), Progress.none());
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
            data.train(), ImageInput.of(teacher, data).normalization(), Augmentation.of(data));
    try (Workers workers = Workers.ofProcessors()) {
      return new FineTuner(settings, lessons, workers).tune(student, teacher, progress);
    } catch (OnnxException | TrainingDiverged e) {
      throw new CompressionException(e.getMessage());
    }
  }
}
