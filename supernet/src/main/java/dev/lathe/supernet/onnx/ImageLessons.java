package dev.lathe.supernet.onnx;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.calibration.CalibrationSource;
import dev.lathe.compress.calibration.ImageFeed;
import dev.lathe.compress.calibration.ImageOptions;
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
 * @param options how images become the model's input
 * @param seed of data, order and augmentation
 * @param progress is told of every step
 */
public record ImageLessons(String spec, ImageOptions options, long seed, Progress progress)
    implements Compressor.FineTuner {
  @Override
  public OnnxGraph tune(OnnxGraph student, OnnxGraph teacher, CompressionStep.FineTune step) {
    if (CalibrationSource.isNoise(spec) || spec.startsWith("np")) {
      return Compressor.FineTuner.none().tune(student, teacher, step);
    }
    ImageFeed feed = ImageFeed.of(teacher, options);
    if (feed.layout() != ImageOptions.Layout.NCHW || feed.height() != feed.width()) {
      throw new CompressionException(
          "training takes square images with the channels first, the model takes %s of %d x %d. Maybe leave +fine-tune out."
              .formatted(
                  feed.layout().name().toLowerCase(java.util.Locale.ROOT),
                  feed.height(),
                  feed.width()));
    }
    DataSet data =
        DataSets.load(spec, DataOptions.of(seed).withFraming(feed.framing()), Progress.none());
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
            data.train(),
            feed.withNumbers(teacher, options, data.normalization()).normalization(),
            Augmentation.of(data));
    try (Workers workers = Workers.ofProcessors()) {
      return new FineTuner(settings, lessons, workers).tune(student, teacher, progress);
    } catch (OnnxException | TrainingDiverged e) {
      throw new CompressionException(e.getMessage());
    }
  }
}
