package dev.lathe.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How often a classifier is right.
 *
 * @param top1 share of images whose class has the highest logit, in [0, 1]
 * @param balanced mean over the classes that occur of their own top-1 share: the fair figure for
 *     classes of uneven size
 * @param top5 share of images whose class is among the five highest logits, in [0, 1]
 * @param images number of images
 * @param confusion how many images of each class (rows) were taken for each class (columns); empty
 *     in figures of older versions
 */
public record Accuracy(
    double top1, double balanced, double top5, int images, List<List<Integer>> confusion) {
  public Accuracy {
    confusion = confusion == null ? List.of() : confusion.stream().map(List::copyOf).toList();
    if (images < 1) {
      throw new IllegalArgumentException("an accuracy needs at least one image, not " + images);
    }
  }

  /**
   * The accuracy over one set of images.
   *
   * @param logits [n, classes]
   * @param labels [n]
   */
  public static Accuracy of(float[] logits, int classes, int[] labels) {
    Counter counter = new Counter(classes);
    counter.add(logits, labels, 0, labels.length);
    return counter.accuracy();
  }

  /**
   * The accuracy over these images and others.
   *
   * @param others of the same classes, with their confusion, as this one
   */
  public Accuracy and(Accuracy others) {
    int all = images + others.images;
    List<List<Integer>> sum = new ArrayList<>();
    double recalls = 0;
    int occurring = 0;
    for (int c = 0; c < confusion.size(); c++) {
      List<Integer> row = new ArrayList<>();
      for (int k = 0; k < confusion.size(); k++) {
        row.add(confusion.get(c).get(k) + others.confusion.get(c).get(k));
      }
      int seen = row.stream().mapToInt(Integer::intValue).sum();
      if (seen > 0) {
        recalls += (double) row.get(c) / seen;
        occurring++;
      }
      sum.add(row);
    }
    return new Accuracy(
        (top1 * images + others.top1 * others.images) / all,
        recalls / Math.max(1, occurring),
        (top5 * images + others.top5 * others.images) / all,
        all,
        sum);
  }

  /** Where the top-1 share really lies, with 95 % confidence. */
  public Interval top1Interval() {
    return Interval.wilson(top1, images);
  }

  /** Where the balanced accuracy really lies, with 95 % confidence. */
  public Interval balancedInterval() {
    if (confusion.isEmpty()) {
      return Interval.wilson(balanced, images);
    }
    int[] right = new int[confusion.size()];
    int[] seen = new int[confusion.size()];
    for (int c = 0; c < right.length; c++) {
      right[c] = confusion.get(c).get(c);
      seen[c] = confusion.get(c).stream().mapToInt(Integer::intValue).sum();
    }
    return Interval.balanced(right, seen);
  }

  /** The share of each class' images that was right; NaN for a class without images. */
  public List<Double> recall() {
    List<Double> recall = new ArrayList<>();
    for (int c = 0; c < confusion.size(); c++) {
      int seen = confusion.get(c).stream().mapToInt(Integer::intValue).sum();
      recall.add(seen == 0 ? Double.NaN : (double) confusion.get(c).get(c) / seen);
    }
    return recall;
  }

  /** Adds up batches. Equal logits count as won by the lower class; a NaN never wins. */
  public static final class Counter {
    private final int classes;
    private final long[] seen;
    private final long[] right;
    private final int[][] confusion;
    private long rightInFive;
    private long total;

    /** A counter for so many classes. */
    public Counter(int classes) {
      if (classes < 2) {
        throw new IllegalArgumentException(
            "%d classes; there must be at least 2.".formatted(classes));
      }
      this.classes = classes;
      seen = new long[classes];
      right = new long[classes];
      confusion = new int[classes][classes];
    }

    /**
     * Counts a batch.
     *
     * @param logits [to − from, classes]
     * @param labels of the whole set; those from {@code from} to {@code to − 1} belong to the batch
     */
    public void add(float[] logits, int[] labels, int from, int to) {
      if (logits.length != (long) (to - from) * classes) {
        throw new IllegalArgumentException(
            "%d images of %d classes need %d logits, not %d."
                .formatted(to - from, classes, (long) (to - from) * classes, logits.length));
      }
      for (int i = from; i < to; i++) {
        int label = labels[i];
        int row = (i - from) * classes;
        int better = better(logits, row, label);
        seen[label]++;
        confusion[label][best(logits, row)]++;
        total++;
        if (better == 0) {
          right[label]++;
        }
        if (better < 5) {
          rightInFive++;
        }
      }
    }

    /** The class of the highest logit; the first of equal ones. */
    private int best(float[] logits, int row) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        if (logits[row + c] > logits[row + best] || Float.isNaN(logits[row + best])) {
          best = c;
        }
      }
      return best;
    }

    /** How many classes come before {@code label}; all of them if its own logit is NaN. */
    private int better(float[] logits, int row, int label) {
      float own = logits[row + label];
      if (Float.isNaN(own)) {
        return classes;
      }
      int better = 0;
      for (int c = 0; c < classes; c++) {
        float other = logits[row + c];
        if (other > own || (other == own && c < label)) {
          better++;
        }
      }
      return better;
    }

    /**
     * The accuracy over all that was added.
     *
     * @throws IllegalArgumentException if nothing was
     */
    public Accuracy accuracy() {
      long rightInAll = 0;
      double shares = 0;
      int occurring = 0;
      for (int c = 0; c < classes; c++) {
        rightInAll += right[c];
        if (seen[c] > 0) {
          shares += (double) right[c] / seen[c];
          occurring++;
        }
      }
      return new Accuracy(
          (double) rightInAll / total,
          shares / Math.max(1, occurring),
          (double) rightInFive / total,
          Math.toIntExact(total),
          Arrays.stream(confusion).map(row -> Arrays.stream(row).boxed().toList()).toList());
    }
  }
}
