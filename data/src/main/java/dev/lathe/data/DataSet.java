package dev.lathe.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A data set in three parts that share no image.
 *
 * @param name for people, as in the specification it was loaded from
 * @param classes class names; a label is an index into them
 * @param train what weights are fitted to
 * @param validation what a search and its choices see
 * @param test what only the reported accuracy sees
 * @param normalization how pixels become input, from the training images
 * @param horizontalFlip whether a mirrored image still belongs to its class
 * @param drawn whether the validation images were drawn from the training images here, so that
 *     nothing but chance tells the two apart
 * @param sha256 of classes, shape, the images' own hashes and labels of all three parts
 */
public record DataSet(
    String name,
    List<String> classes,
    LabelledImages train,
    LabelledImages validation,
    LabelledImages test,
    Normalization normalization,
    boolean horizontalFlip,
    boolean drawn,
    String sha256) {
  public DataSet {
    classes = List.copyOf(classes);
    for (LabelledImages part : List.of(train, validation, test)) {
      if (!part.shape().equals(train.shape())) {
        throw new IllegalArgumentException(
            "data set '%s' mixes images of %s and of %s."
                .formatted(name, train.shape(), part.shape()));
      }
      for (int label : part.labels()) {
        if (label >= classes.size()) {
          throw new IllegalArgumentException(
              "data set '%s' has label %d but only %d classes."
                  .formatted(name, label, classes.size()));
        }
      }
    }
  }

  /** A data set of the given parts, its normalization and hash computed from them. */
  public static DataSet of(
      String name,
      List<String> classes,
      LabelledImages train,
      LabelledImages validation,
      LabelledImages test,
      boolean horizontalFlip) {
    List<PixelSummary> summaries = summaries(train);
    return new DataSet(
        name,
        classes,
        train,
        validation,
        test,
        Normalization.of(summaries, train.shape()),
        horizontalFlip,
        false,
        hash(
            classes,
            List.of(train, validation, test),
            List.of(summaries, summaries(validation), summaries(test))));
  }

  private static List<PixelSummary> summaries(LabelledImages images) {
    return IntStream.range(0, images.size()).parallel().mapToObj(images::summary).toList();
  }

  /** The shape of every image. */
  public ImageShape shape() {
    return train.shape();
  }

  /**
   * The same data with these training images taken otherwise; its hash stays that of the images.
   */
  public DataSet withTrain(LabelledImages other) {
    return new DataSet(
        name, classes, other, validation, test, normalization, horizontalFlip, drawn, sha256);
  }

  /** The same data, its pixels made input in another way. */
  public DataSet withNormalization(Normalization other) {
    return new DataSet(
        name, classes, train, validation, test, other, horizontalFlip, drawn, sha256);
  }

  /** The same data, its validation images known to be drawn from the training images. */
  DataSet withDrawnValidation() {
    return new DataSet(
        name, classes, train, validation, test, normalization, horizontalFlip, true, sha256);
  }

  /** The same data at another resolution, with the normalization and hash of the new pixels. */
  public DataSet resized(int height, int width) {
    if (shape().height() == height && shape().width() == width) {
      return this;
    }
    DataSet resized =
        of(
            name,
            classes,
            train.resized(height, width),
            validation.resized(height, width),
            test.resized(height, width),
            horizontalFlip);
    return drawn ? resized.withDrawnValidation() : resized;
  }

  private static String hash(
      List<String> classes, List<LabelledImages> parts, List<List<PixelSummary>> summaries) {
    MessageDigest digest = PixelSummary.digest();
    digest.update(String.join("\n", classes).getBytes(StandardCharsets.UTF_8));
    for (int p = 0; p < parts.size(); p++) {
      LabelledImages part = parts.get(p);
      digest.update((part.size() + "×" + part.shape()).getBytes(StandardCharsets.UTF_8));
      summaries.get(p).forEach(image -> digest.update(image.sha256()));
      ByteBuffer labels = ByteBuffer.allocate(4 * part.size());
      labels.asIntBuffer().put(part.labels());
      digest.update(labels);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
