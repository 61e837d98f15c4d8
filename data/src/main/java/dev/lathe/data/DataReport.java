package dev.lathe.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a person should know of a data set before anything is trained on it.
 *
 * @param name of the data set
 * @param classes with the number of their images
 * @param shape of every image as networks take it
 * @param division which splits were found, and what was divided
 * @param files what the picture files were; empty for data of other kinds
 * @param skipped files passed over, by kind
 * @param unreadable files that cannot be read and are left out
 * @param duplicates images that occur more than once
 * @param warnings what is probably not as the user means it; empty where all is well
 */
public record DataReport(
    String name,
    List<ClassCount> classes,
    ImageShape shape,
    String division,
    Optional<PictureFacts> files,
    Map<String, Integer> skipped,
    List<Findings.Unreadable> unreadable,
    Duplicates duplicates,
    List<String> warnings) {
  /** Largest class over smallest from which classes count as uneven. */
  public static final double UNEVEN = 1.5;

  private static final int FEW = 20;
  private static final int NAMED = 3;

  /**
   * A class.
   *
   * @param train number of training images; {@code validation} and {@code test} likewise
   */
  public record ClassCount(String name, int train, int validation, int test) {}

  public DataReport {
    classes = List.copyOf(classes);
    skipped = Collections.unmodifiableMap(skipped);
    unreadable = List.copyOf(unreadable);
    warnings = List.copyOf(warnings);
  }

  static DataReport of(
      DataSet data,
      Findings findings,
      String division,
      Optional<PictureFacts> files,
      Duplicates duplicates) {
    List<ClassCount> classes = new ArrayList<>();
    for (int c = 0; c < data.classes().size(); c++) {
      classes.add(
          new ClassCount(
              data.classes().get(c),
              count(data.train(), c),
              count(data.validation(), c),
              count(data.test(), c)));
    }
    List<String> warnings = new ArrayList<>(findings.warnings());
    files.ifPresent(facts -> noteFiles(facts, warnings));
    noteDuplicates(duplicates, warnings);
    noteCounts(classes, warnings);
    return new DataReport(
        data.name(),
        classes,
        data.shape(),
        division,
        files,
        findings.skipped(),
        findings.unreadable(),
        duplicates,
        warnings);
  }

  private static int count(LabelledImages images, int label) {
    int count = 0;
    for (int other : images.labels()) {
      count += other == label ? 1 : 0;
    }
    return count;
  }

  private static void noteFiles(PictureFacts facts, List<String> warnings) {
    if (!facts.misnamed().isEmpty()) {
      List<String> some = facts.misnamed().subList(0, Math.min(NAMED, facts.misnamed().size()));
      warnings.add(
          "%d file(s) are of another kind than their names say (%s%s); they are read by what they are."
              .formatted(
                  facts.misnamed().size(),
                  String.join(", ", some),
                  some.size() < facts.misnamed().size() ? " …" : ""));
    }
  }

  private static void noteDuplicates(Duplicates duplicates, List<String> warnings) {
    int across = duplicates.acrossSplits() + duplicates.nearAcrossSplits();
    int within = duplicates.withinSplits() + duplicates.nearWithinSplits();
    if (across > 0) {
      warnings.add(
          "%d validation or test image(s) are also in a split before theirs, %d of them to the last pixel%s: accuracies will be too good. Maybe remove them from one side."
              .formatted(across, duplicates.acrossSplits(), example(duplicates, true)));
    }
    if (within > 0) {
      warnings.add(
          "%d image(s) repeat another of their split, %d of them to the last pixel%s."
              .formatted(within, duplicates.withinSplits(), example(duplicates, false)));
    }
    if (duplicates.contradicting() > 0) {
      warnings.add(
          "%d image(s) stand in two classes at once; one of the labels must be wrong."
              .formatted(duplicates.contradicting()));
    }
  }

  private static String example(Duplicates duplicates, boolean across) {
    return duplicates.examples().stream()
        .filter(pair -> pair.across() == across)
        .findFirst()
        .map(pair -> " (as %s and %s)".formatted(pair.first(), pair.second()))
        .orElse("");
  }

  private static void noteCounts(List<ClassCount> classes, List<String> warnings) {
    ClassCount least =
        classes.stream().min(java.util.Comparator.comparing(ClassCount::train)).orElseThrow();
    ClassCount most =
        classes.stream().max(java.util.Comparator.comparing(ClassCount::train)).orElseThrow();
    if (most.train() > UNEVEN * least.train()) {
      warnings.add(
          "classes are uneven, from %d training images ('%s') to %d ('%s'): balanced accuracy is what counts, and training sees each class equally often."
              .formatted(least.train(), least.name(), most.train(), most.name()));
    }
    if (least.train() < FEW) {
      warnings.add(
          "class '%s' has %d training image(s); fewer than %d teach little."
              .formatted(least.name(), least.train(), FEW));
    }
    for (ClassCount one : classes) {
      if (one.test() == 0) {
        warnings.add("class '%s' has no test image.".formatted(one.name()));
      }
    }
  }
}
