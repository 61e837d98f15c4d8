package dev.lathe.runs;

import java.util.List;

/**
 * A data set as a search uses it.
 *
 * @param spec where it came from, for example {@code builtin} or {@code folder:pictures}
 * @param classes names of the classes, by label
 * @param train number of training images; {@code validation} and {@code test} likewise
 * @param height of the images as the networks take them, in pixels; {@code width} likewise
 * @param sha256 of pixels and labels, in hexadecimal
 */
public record DataSetRecord(
    String name,
    String spec,
    List<String> classes,
    int train,
    int validation,
    int test,
    int channels,
    int height,
    int width,
    String sha256) {
  /** The fact under which a run keeps what was noticed while its images were read, as JSON. */
  public static final String REPORT = "data.report";

  public DataSetRecord {
    classes = List.copyOf(classes);
  }
}
