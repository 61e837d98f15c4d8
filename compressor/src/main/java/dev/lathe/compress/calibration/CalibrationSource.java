package dev.lathe.compress.calibration;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Noise;
import dev.lathe.data.DataException;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.NumpyArray;
import dev.lathe.data.Progress;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/**
 * Inputs for a model, from the command line: a data set ({@code builtin}, {@code folder:DIR}, …),
 * of which training images calibrate and others judge; arrays ({@code npz:FILE}, {@code npz:DIR},
 * {@code npy:FILE}), of which a part is held out; or {@code noise:COUNT}, random numbers that fit
 * any model.
 *
 * @param data inputs to calibrate with
 * @param heldOut inputs to judge by, which calibration does not see
 * @param validation inputs with labels to choose by, not those that calibrate
 * @param test inputs with labels that neither calibration nor any choice sees
 * @param isNoise whether the inputs are random numbers, so that figures say little of real ones
 * @param notes what is worth knowing, for people
 */
public record CalibrationSource(
    CalibrationData data,
    CalibrationData heldOut,
    Optional<LabelledItems> validation,
    Optional<LabelledItems> test,
    boolean isNoise,
    List<String> notes) {
  private static final int IMAGES = 1000;
  private static final int HELD_OUT = 256;
  private static final int VALIDATION_IMAGES = 2_000;
  private static final int TEST_IMAGES = 10_000;
  private static final double HELD_OUT_SHARE = 0.25;

  /** Noise has as many items to judge by as anybody wants. */
  private static final int NOISE_HELD_OUT = 100_000;

  /** Opens a source of which nothing is said but where the inputs are. */
  public static CalibrationSource open(String spec, OnnxGraph model, long seed) {
    return open(spec, model, ImageOptions.NONE, seed);
  }

  /**
   * Opens a source for a model whose sizes are assumed.
   *
   * @throws DataException if the data cannot be read
   * @throws dev.lathe.compress.CompressionException if they do not fit the model
   */
  public static CalibrationSource open(
      String spec, OnnxGraph model, ImageOptions options, long seed) {
    if (isNoise(spec)) {
      int count = spec.equals("noise") ? 64 : count(spec);
      return new CalibrationSource(
          Noise.of(model, count, seed),
          Noise.of(model, NOISE_HELD_OUT, ~seed),
          Optional.empty(),
          Optional.empty(),
          true,
          List.of("noise says little of real inputs: figures are of noise alone"));
    }
    return isArrays(spec) ? arrays(model, arrays(spec), seed) : images(spec, model, options, seed);
  }

  /** Whether a specification stands for random numbers. */
  public static boolean isNoise(String spec) {
    return spec.equals("noise") || spec.startsWith("noise:");
  }

  private static int count(String spec) {
    try {
      int count = Integer.parseInt(spec.substring("noise:".length()));
      if (count > 0) {
        return count;
      }
    } catch (NumberFormatException e) {
      throw new DataException(
          "'%s' has no number after the colon. Maybe noise:64.".formatted(spec));
    }
    throw new DataException("'%s' has no items. Maybe noise:64.".formatted(spec));
  }

  private static boolean isArrays(String spec) {
    return spec.startsWith("npz:") || spec.startsWith("npy:");
  }

  private static Map<String, NumpyArray> arrays(String spec) {
    return NumpyArray.read(Path.of(spec.substring(4)));
  }

  /** Sizes of a model's open dimensions that follow from the data; empty where they do not. */
  public static Map<String, Long> sizes(String spec, OnnxGraph model) {
    return isArrays(spec) ? ArrayFeed.sizes(model, arrays(spec)) : Map.of();
  }

  private static CalibrationSource arrays(
      OnnxGraph model, Map<String, NumpyArray> arrays, long seed) {
    ArrayFeed feed = ArrayFeed.of(model, arrays, seed);
    List<String> notes = new ArrayList<>();
    for (String name : feed.constants()) {
      notes.add("input '%s' is the same in all samples".formatted(name));
    }
    int run = Math.max(1, feed.itemsARun(model));
    int all = feed.images() / run * run;
    int held = (int) Math.clamp((long) (all * HELD_OUT_SHARE) / run * run, run, HELD_OUT * 64L);
    boolean enough = all >= 2 * run;
    if (!enough) {
      held = all;
      notes.add(
          "%d samples cannot be divided: figures are of those that calibrated".formatted(all));
    }
    CalibrationData heldOut = feed.between(all - held, all);
    Optional<NumpyArray> target = ArrayFeed.target(model, arrays).filter(t -> t.kind() != 'f');
    Optional<LabelledItems> validation = Optional.empty();
    Optional<LabelledItems> test = Optional.empty();
    if (target.isPresent() && target.get().elements() == feed.images()) {
      int[] labels = new int[held];
      for (int i = 0; i < held; i++) {
        labels[i] = (int) target.get().integer(feed.place(all - held + i));
      }
      LabelledItems labelled =
          new LabelledItems(heldOut, labels, classes(model, feed, target.get()));
      int half = held / 2 / run * run;
      validation = Optional.of(half > 0 ? labelled.between(0, half) : labelled);
      test = Optional.of(half > 0 ? labelled.between(half, held) : labelled);
    }
    return new CalibrationSource(
        enough ? feed.between(0, all - held) : feed, heldOut, validation, test, false, notes);
  }

  /**
   * The numbers that a model's output has for an item if they are as many as labels need, else as
   * many as there are labels.
   */
  private static int classes(OnnxGraph model, CalibrationData feed, NumpyArray labels) {
    int classes = 0;
    for (int i = 0; i < labels.elements(); i++) {
      classes = Math.max(classes, (int) labels.integer(i) + 1);
    }
    int run = Math.max(1, feed.itemsARun(model));
    try (OrtModel session = OrtModel.open(model, OrtModel.Options.DEPLOYED)) {
      Map<String, TensorValue> outputs = session.run(feed.feed(model, 0, run));
      for (ValueInfo output : model.outputs()) {
        TensorValue value = outputs.get(output.name());
        boolean fits =
            value != null
                && value.type().isFloating()
                && value.rank() == 2
                && value.dim(0) == run
                && value.dim(1) >= classes;
        if (fits) {
          return (int) value.dim(1);
        }
      }
    }
    return classes;
  }

  private static CalibrationSource images(
      String spec, OnnxGraph model, ImageOptions options, long seed) {
    ImageFeed shape = ImageFeed.of(model, options);
    long bytes = 3L * shape.height() * shape.width();
    // A quarter of the memory for all images: few large ones, or many small ones.
    int most = (int) Math.clamp(Runtime.getRuntime().maxMemory() / 4 / bytes, 64, 20_000);
    DataSet dataSet =
        DataSets.load(
            spec,
            DataOptions.of(seed)
                .withFraming(shape.framing())
                .withAtMost(
                    Math.min(IMAGES, most / 4),
                    Math.min(VALIDATION_IMAGES, most / 4),
                    Math.min(TEST_IMAGES, most / 2)),
            Progress.none());
    ImageFeed feed = shape.withNumbers(model, options, dataSet.normalization());
    LabelledItems validation = labelled(feed, shuffled(dataSet.validation(), seed + 1), dataSet);
    return new CalibrationSource(
        feed.data(dataSet.train()),
        validation.data(),
        Optional.of(validation),
        Optional.of(labelled(feed, shuffled(dataSet.test(), seed), dataSet)),
        false,
        List.of(feed.described()));
  }

  /** In an order drawn at random: a test may stop early, and files come sorted by class. */
  private static LabelledImages shuffled(LabelledImages images, long seed) {
    int[] order = new int[images.size()];
    java.util.Arrays.setAll(order, i -> i);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
    return images.subset(order);
  }

  private static LabelledItems labelled(ImageFeed feed, LabelledImages images, DataSet dataSet) {
    return new LabelledItems(feed.data(images), images.labels(), dataSet.classes().size());
  }

  /** Top-1 accuracy on test items; empty without labels and for a model of other classes. */
  public OptionalDouble accuracy(OnnxGraph model) {
    return test.isEmpty() ? OptionalDouble.empty() : ClassScore.of(model, test.get());
  }
}
