package dev.lathe.runs.slim;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.calibration.ImageFeed;
import dev.lathe.data.Augmentation;
import dev.lathe.data.DataSet;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.supernet.Examples;
import dev.lathe.supernet.ImageExamples;
import java.util.Optional;

/**
 * By what cuts of a model are fitted, chosen and trained.
 *
 * @param calibration to collect statistics of
 * @param search judges cuts while they are chosen
 * @param examples to train with; empty where nothing can be trained
 */
public record Lessons(CalibrationData calibration, Judge search, Optional<Examples> examples) {
  private static final int[] NO_LABELS = {};

  /**
   * Images and, where they count, their labels.
   *
   * @throws IllegalArgumentException if labels count and the model tells other classes apart
   */
  public static Lessons of(OnnxGraph model, DataSet data, ImageFeed feed, boolean labels) {
    return new Lessons(
        feed.data(data.train()),
        judge(
            model,
            feed.data(data.validation()),
            labels ? data.validation().labels() : NO_LABELS,
            data.classes().size()),
        Optional.of(new ImageExamples(data.train(), feed.normalization(), Augmentation.of(data))));
  }

  /** A judge by labels, or by the model's answers where there are none. */
  static Judge judge(OnnxGraph model, CalibrationData items, int[] labels, int classes) {
    Judge judge = new Judge(model, items, labels);
    if (labels.length > 0 && judge.classes() != classes) {
      throw new IllegalArgumentException(
          "output '%s' has %s, the data have %d classes. Maybe judge by the model's own answers: ./lathe slim --labels none."
              .formatted(
                  model.outputs().getFirst().name(),
                  judge.classes() == 0 ? "no number a class" : judge.classes() + " numbers an item",
                  classes));
    }
    return judge;
  }
}
