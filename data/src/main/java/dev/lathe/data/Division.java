package dev.lathe.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which images train, which are validation and which test images, by their place in the source, in
 * random order.
 *
 * @param how for people: what the data said and what was divided by seed
 * @param drawn whether the validation images were drawn from the training images
 */
record Division(int[] train, int[] validation, int[] test, String how, boolean drawn) {
  /** Share of the training images that becomes the validation part, where there is none. */
  private static final double VALIDATION_SHARE = 0.12;

  private static final double SHARE = 0.15;

  /** As the data say; what they leave open is divided by the seed, class by class. */
  static Division of(RawDataSet raw, DataOptions options) {
    Split[] splits = raw.images().splits();
    int[] whole = places(splits, Split.WHOLE);
    int[] first = whole.length > 0 ? whole : places(splits, Split.TRAIN);
    int[] validation = places(splits, Split.VALIDATION);
    int[] test = places(splits, Split.TEST);
    long seed = options.seed();
    String how;
    double[] shares;
    if (validation.length > 0 && test.length > 0) {
      how = "training, validation and test images as the data divide them";
      shares = new double[0];
    } else if (test.length > 0) {
      how = "test images as the data divide them; 12 % of the training images validate";
      shares = new double[] {VALIDATION_SHARE};
    } else if (validation.length > 0) {
      how = "validation images as the data divide them; 15 % of the training images test";
      shares = new double[] {SHARE};
    } else {
      how = "divided 70 : 15 : 15 by seed %d".formatted(seed);
      shares = new double[] {SHARE, SHARE};
    }
    int[] labels = Arrays.stream(first).map(i -> raw.images().labels()[i]).toArray();
    List<int[]> parts =
        Partition.of(labels, raw.classes(), seed, shares).stream()
            .map(part -> Arrays.stream(part).map(i -> first[i]).toArray())
            .toList();
    int[] validating = validation.length > 0 ? shuffled(validation, seed) : parts.get(1);
    int[] testing = test.length > 0 ? shuffled(test, seed) : parts.getLast();
    return new Division(
        Partition.atMost(parts.getFirst(), options.maxTrain()),
        Partition.atMost(validating, options.maxValidation()),
        Partition.atMost(testing, options.maxTest()),
        how,
        validation.length == 0);
  }

  private static int[] places(Split[] splits, Split wanted) {
    return IntStream.range(0, splits.length).filter(i -> splits[i] == wanted).toArray();
  }

  private static int[] shuffled(int[] places, long seed) {
    return Arrays.stream(Partition.shuffled(places.length, seed)).map(i -> places[i]).toArray();
  }

  /** Part 0 trains, 1 validates, 2 tests. */
  int[] part(int part) {
    return switch (part) {
      case 0 -> train;
      case 1 -> validation;
      default -> test;
    };
  }

  /** All places, ascending. */
  int[] chosen() {
    return IntStream.range(0, 3).flatMap(p -> Arrays.stream(part(p))).sorted().toArray();
  }

  /** This division without the places that are not among those kept (ascending). */
  Division retain(int[] kept) {
    return new Division(
        retain(train, kept), retain(validation, kept), retain(test, kept), how, drawn);
  }

  private static int[] retain(int[] places, int[] kept) {
    return Arrays.stream(places).filter(i -> Arrays.binarySearch(kept, i) >= 0).toArray();
  }
}
