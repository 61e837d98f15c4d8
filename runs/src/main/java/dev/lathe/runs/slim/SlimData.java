package dev.lathe.runs.slim;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Noise;
import dev.lathe.data.Augmentation;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.Progress;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.supernet.onnx.FineTuning;
import dev.lathe.supernet.onnx.ImageInput;
import java.util.Map;
import java.util.Optional;

/**
 * Inputs for a model, in parts that share nothing: to fit with, to search with, to judge with.
 *
 * @param calibration to collect statistics and to train with
 * @param search what the search and its choices see
 * @param test what only the reported score sees
 * @param lessons to fine-tune with; empty if the data are no images
 * @param images the data set, where there is one
 */
record SlimData(
    CalibrationData calibration,
    Judge search,
    Judge test,
    Optional<FineTuning.Lessons> lessons,
    Optional<DataSet> images) {
  private static final int SEARCH_ITEMS = 512;
  private static final int TEST_ITEMS = 10_000;

  static SlimData open(OnnxGraph model, SlimSettings settings, Progress progress) {
    if (settings.data().startsWith("noise")) {
      String count = settings.data().replaceFirst("noise:?", "");
      int items = count.isEmpty() ? 512 : Integer.parseInt(count);
      CalibrationData noise = Noise.of(model, items, settings.seed(), Map.of());
      int[] none = {};
      return new SlimData(
          noise,
          new Judge(model, noise, items / 2, items * 3 / 4, none),
          new Judge(model, noise, items * 3 / 4, items, none),
          Optional.empty(),
          Optional.empty());
    }
    DataSet data =
        DataSets.load(
            settings.data(),
            DataOptions.of(settings.seed())
                .withResolution(ImageInput.side(model))
                .withAtMost(0, SEARCH_ITEMS, TEST_ITEMS),
            progress);
    ImageInput input = ImageInput.of(model, data);
    Judge search = judge(model, input.calibration(data.validation()), data, settings, false);
    Judge test = judge(model, input.calibration(data.test()), data, settings, true);
    return new SlimData(
        input.calibration(data.train()),
        search,
        test,
        Optional.of(
            new FineTuning.Lessons(data.train(), input.normalization(), Augmentation.of(data))),
        Optional.of(data));
  }

  private static Judge judge(
      OnnxGraph model, CalibrationData items, DataSet data, SlimSettings settings, boolean test) {
    int[] labels =
        settings.labels() ? (test ? data.test() : data.validation()).labels() : new int[0];
    Judge judge = new Judge(model, items, 0, items.images(), labels);
    if (settings.labels() && judge.classes() != data.classes().size()) {
      throw new IllegalArgumentException(
          "output '%s' has %s, the data have %d classes. Maybe judge by the model's own answers: --labels none."
              .formatted(
                  model.outputs().getFirst().name(),
                  judge.classes() == 0 ? "no number a class" : judge.classes() + " numbers an item",
                  data.classes().size()));
    }
    return judge;
  }
}
