package dev.lathe.runs.slim;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.calibration.CalibrationSource;
import dev.lathe.compress.calibration.ImageFeed;
import dev.lathe.compress.calibration.ImageOptions;
import dev.lathe.compress.calibration.LabelledItems;
import dev.lathe.data.Augmentation;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.Progress;
import dev.lathe.data.picture.Preprocessing;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import dev.lathe.supernet.ArrayExamples;
import dev.lathe.supernet.Examples;
import dev.lathe.supernet.ImageExamples;
import dev.lathe.supernet.program.Program;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Inputs for a model, in parts that share nothing: to fit with, to search with, to judge with.
 *
 * @param calibration to collect statistics and to train with
 * @param search what the search and its choices see
 * @param test what only the reported score sees
 * @param examples to fine-tune with; empty for noise, for outputs that are not of type float, and
 *     where the model takes no batches of any size
 * @param untrained why there is nothing to fine-tune with, for people; empty if there is
 * @param images the data set, where there is one
 */
record SlimData(
    CalibrationData calibration,
    Judge search,
    Judge test,
    Optional<Examples> examples,
    Optional<String> untrained,
    Optional<DataSet> images) {
  private static final int SEARCH_ITEMS = 512;
  private static final int TEST_ITEMS = 10_000;
  private static final long MOST_VALUES = 64L << 20;
  private static final int[] NO_LABELS = {};

  static SlimData open(OnnxGraph model, SlimSettings settings, Progress progress) {
    boolean images =
        !CalibrationSource.isNoise(settings.data()) && !settings.data().startsWith("np");
    return images ? images(model, settings, progress) : arrays(model, settings);
  }

  private static SlimData arrays(OnnxGraph model, SlimSettings settings) {
    CalibrationSource source =
        CalibrationSource.open(settings.data(), model, settings.images(), settings.seed());
    Optional<String> obstacle = obstacle(model, source);
    Optional<Examples> examples =
        obstacle.isPresent() ? Optional.empty() : rows(model, source.data(), MOST_VALUES);
    Optional<String> untrained =
        obstacle.isEmpty() && examples.isEmpty()
            ? Optional.of(
                "the model takes no batches of any size, or has outputs that are not real")
            : obstacle;
    if (settings.labels() && source.validation().isPresent()) {
      LabelledItems search = source.validation().get();
      LabelledItems test = source.test().orElse(search);
      return new SlimData(
          source.data(),
          Lessons.judge(model, search.data(), search.labels(), search.classes()),
          Lessons.judge(model, test.data(), test.labels(), test.classes()),
          examples,
          untrained,
          Optional.empty());
    }
    CalibrationData items = source.heldOut();
    int count = Math.min(items.images(), SEARCH_ITEMS);
    int run = Math.max(1, items.itemsARun(model));
    int half = Math.max(run, count / 2 / run * run);
    return new SlimData(
        source.data(),
        new Judge(model, items.between(0, half), NO_LABELS),
        new Judge(model, items.between(Math.min(half, count - run), count), NO_LABELS),
        examples,
        untrained,
        Optional.empty());
  }

  private static Optional<String> obstacle(OnnxGraph model, CalibrationSource source) {
    if (source.isNoise()) {
      return Optional.of("noise teaches nothing of real inputs");
    }
    try {
      Program.of(model, Set.of()).close();
      return Optional.empty();
    } catch (OnnxException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** The first items as examples without labels; empty where a model takes no such batch. */
  static Optional<Examples> rows(OnnxGraph model, CalibrationData items, long mostValues) {
    boolean real = model.outputs().stream().allMatch(o -> o.type() == ElementType.FLOAT);
    if (!real || items.itemsARun(model) > 0) {
      return Optional.empty();
    }
    long each = items.feed(model, 0, 1).values().stream().mapToLong(TensorValue::elements).sum();
    int count = (int) Math.min(items.images(), Math.max(1, mostValues / Math.max(1, each)));
    Map<String, TensorValue> fed = items.feed(model, 0, count);
    List<TensorValue> inputs = model.inputs().stream().map(i -> fed.get(i.name())).toList();
    boolean rows = inputs.stream().allMatch(value -> value.rank() > 0 && value.dim(0) == count);
    return rows ? Optional.of(new ArrayExamples(inputs, Optional.empty())) : Optional.empty();
  }

  private static SlimData images(OnnxGraph model, SlimSettings settings, Progress progress) {
    ImageFeed shape = ImageFeed.of(model, settings.images());
    DataSet data =
        DataSets.load(
            settings.data(),
            DataOptions.of(settings.seed())
                .withFraming(shape.framing())
                .withAtMost(0, SEARCH_ITEMS, TEST_ITEMS),
            progress);
    ImageFeed feed = shape.withNumbers(model, settings.images(), data.normalization());
    boolean trains =
        feed.layout() == ImageOptions.Layout.NCHW
            && feed.height() == feed.width()
            && feed.order() == Preprocessing.ChannelOrder.RGB;
    int classes = data.classes().size();
    int[] search = settings.labels() ? data.validation().labels() : NO_LABELS;
    int[] test = settings.labels() ? data.test().labels() : NO_LABELS;
    return new SlimData(
        feed.data(data.train()),
        Lessons.judge(model, feed.data(data.validation()), search, classes),
        Lessons.judge(model, feed.data(data.test()), test, classes),
        trains
            ? Optional.of(
                new ImageExamples(data.train(), feed.normalization(), Augmentation.of(data)))
            : Optional.empty(),
        trains
            ? Optional.empty()
            : Optional.of("training takes square images with the channels first"),
        Optional.of(data));
  }

  /** What cuts are fitted, chosen and trained by. */
  Lessons lessons() {
    return new Lessons(calibration, search, examples);
  }
}
