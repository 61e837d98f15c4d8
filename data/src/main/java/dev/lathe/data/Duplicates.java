package dev.lathe.data;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Images that occur more than once: the same pixels after decoding, or nearly the same.
 *
 * @param withinSplits images that another one of their own split equals, all but one of each
 * @param acrossSplits validation and test images that equal an image of another split before theirs
 * @param nearWithinSplits as {@code withinSplits}, of images that are alike but not equal
 * @param nearAcrossSplits as {@code acrossSplits}, of images that are alike but not equal
 * @param contradicting images that equal one of another class
 * @param examples some of them, two names each
 */
public record Duplicates(
    int withinSplits,
    int acrossSplits,
    int nearWithinSplits,
    int nearAcrossSplits,
    int contradicting,
    List<Example> examples) {
  /**
   * Two images.
   *
   * @param equal whether to the last pixel
   * @param across whether they are of different splits
   */
  public record Example(String first, String second, boolean equal, boolean across) {}

  /** Names images: of part 0 to 2, by their place. */
  @FunctionalInterface
  interface Names {
    String of(int part, int index);
  }

  private static final int EXAMPLES = 5;
  private static final int BITS = 3;
  private static final int LARGEST_BUCKET = 100;
  private static final double LEAST_CORRELATION = 0.99;
  private static final double LEAST_DEVIATION = 8;
  private static final double MOST_DIFFERENCE = 6;

  public Duplicates {
    examples = List.copyOf(examples);
  }

  /** Counts those among the parts of a data set, in the order training, validation, test. */
  static Duplicates among(List<LabelledImages> parts, Names names) {
    Search search = new Search(parts, names);
    for (int part = 0; part < parts.size(); part++) {
      for (int i = 0; i < parts.get(part).size(); i++) {
        search.look(part, i);
      }
    }
    return search.found();
  }

  private record Place(int part, int index) {}

  private static final class Search {
    private final List<LabelledImages> parts;
    private final List<List<PixelSummary>> summaries;
    private final Names names;
    private final Map<ByteBuffer, Place> equal = new HashMap<>();
    // Hashes that differ in at most 3 of 64 bits agree in one of their quarters.
    private final List<Map<Short, List<Place>>> alike =
        List.of(new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>());
    private final List<Example> examples = new ArrayList<>();
    private int within;
    private int across;
    private int nearWithin;
    private int nearAcross;
    private int contradicting;

    Search(List<LabelledImages> parts, Names names) {
      this.parts = parts;
      this.summaries =
          parts.stream()
              .map(
                  part ->
                      IntStream.range(0, part.size()).parallel().mapToObj(part::summary).toList())
              .toList();
      this.names = names;
    }

    void look(int part, int index) {
      Place here = new Place(part, index);
      PixelSummary summary = summary(here);
      Place first = equal.putIfAbsent(ByteBuffer.wrap(summary.sha256()), here);
      if (first != null) {
        if (first.part() == part) {
          within++;
        } else {
          across++;
        }
        if (label(first) != label(here)) {
          contradicting++;
        }
        example(first, here, true);
        return;
      }
      Place near = near(here, summary);
      if (near != null) {
        if (near.part() == part) {
          nearWithin++;
        } else {
          nearAcross++;
        }
        example(near, here, false);
      }
    }

    private @org.jspecify.annotations.Nullable Place near(Place here, PixelSummary summary) {
      if (deviation(summary) < LEAST_DEVIATION) {
        return null;
      }
      Place found = null;
      for (int quarter = 0; quarter < 4; quarter++) {
        short key = (short) (summary.gradients() >>> 16 * quarter);
        List<Place> bucket = alike.get(quarter).computeIfAbsent(key, _ -> new ArrayList<>());
        for (int k = 0; found == null && k < bucket.size(); k++) {
          Place other = bucket.get(k);
          if (Long.bitCount(summary(other).gradients() ^ summary.gradients()) <= BITS
              && alike(pixels(here), pixels(other))) {
            found = other;
          }
        }
        if (bucket.size() < LARGEST_BUCKET) {
          bucket.add(here);
        }
      }
      return found;
    }

    /** The standard deviation of the pixels: flat pictures are all alike. */
    private double deviation(PixelSummary summary) {
      double n = parts.getFirst().shape().values();
      double sum = 0;
      double squares = 0;
      for (int c = 0; c < summary.sums().length; c++) {
        sum += summary.sums()[c];
        squares += summary.squares()[c];
      }
      return Math.sqrt(Math.max(0, squares / n - sum / n * (sum / n)));
    }

    private static boolean alike(byte[] a, byte[] b) {
      double sumA = 0;
      double sumB = 0;
      double squareA = 0;
      double squareB = 0;
      double product = 0;
      double difference = 0;
      for (int i = 0; i < a.length; i++) {
        int x = a[i] & 0xff;
        int y = b[i] & 0xff;
        sumA += x;
        sumB += y;
        squareA += x * x;
        squareB += y * y;
        product += x * y;
        difference += Math.abs(x - y);
      }
      double n = a.length;
      double covariance = product / n - sumA / n * (sumB / n);
      double spread =
          Math.sqrt(
              Math.max(1e-9, squareA / n - sumA / n * (sumA / n))
                  * Math.max(1e-9, squareB / n - sumB / n * (sumB / n)));
      return covariance / spread >= LEAST_CORRELATION && difference / n <= MOST_DIFFERENCE;
    }

    private void example(Place first, Place second, boolean same) {
      boolean across = first.part() != second.part();
      if (examples.stream().filter(known -> known.across() == across).count() < EXAMPLES) {
        examples.add(
            new Example(
                names.of(first.part(), first.index()),
                names.of(second.part(), second.index()),
                same,
                across));
      }
    }

    private PixelSummary summary(Place place) {
      return summaries.get(place.part()).get(place.index());
    }

    private byte[] pixels(Place place) {
      return parts.get(place.part()).pixels(place.index());
    }

    private int label(Place place) {
      return parts.get(place.part()).label(place.index());
    }

    Duplicates found() {
      return new Duplicates(within, across, nearWithin, nearAcross, contradicting, examples);
    }
  }
}
