package dev.lathe.data;

import java.util.Arrays;

/**
 * Training images of which each class has as many: those of smaller classes come several times, so
 * that a training that sees every image once an epoch minimises the mean error over classes, which
 * is what balanced accuracy measures.
 */
public final class ClassBalance {
  private ClassBalance() {}

  /** Whether the largest class has more than {@value DataReport#UNEVEN} times the smallest. */
  public static boolean uneven(LabelledImages images, int classes) {
    int[] counts = counts(images, classes);
    int least = Arrays.stream(counts).min().orElse(0);
    int most = Arrays.stream(counts).max().orElse(0);
    return most > DataReport.UNEVEN * least;
  }

  /** How many images each class has, [classes]. */
  public static int[] counts(LabelledImages images, int classes) {
    int[] counts = new int[classes];
    for (int label : images.labels()) {
      counts[label]++;
    }
    return counts;
  }

  /**
   * As many images of each class as the largest has, where a class has any: each of a class's
   * images equally often, but for one more of the first ones. Pixels are not copied.
   */
  public static LabelledImages balanced(LabelledImages images, int classes) {
    int[] counts = counts(images, classes);
    int most = Arrays.stream(counts).max().orElse(0);
    int[] seen = new int[classes];
    int[] places =
        new int[Math.toIntExact(Arrays.stream(counts).filter(n -> n > 0).count() * most)];
    int at = 0;
    for (int i = 0; i < images.size(); i++) {
      int label = images.label(i);
      int copies = most / counts[label] + (seen[label] < most % counts[label] ? 1 : 0);
      seen[label]++;
      Arrays.fill(places, at, at + copies, i);
      at += copies;
    }
    return images.subset(places);
  }
}
