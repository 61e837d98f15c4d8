package dev.lathe.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Divides images by seed, class by class, so that every class keeps its share in every part and has
 * at least one image in each.
 */
final class Partition {
  private Partition() {}

  /**
   * Places of the images of each part, in random order.
   *
   * @param labels of all images
   * @param classes class names, for errors
   * @param shares share of each part but the first, which takes what is left
   * @throws DataException naming a class with fewer images than there are parts
   */
  static List<int[]> of(int[] labels, List<String> classes, long seed, double... shares) {
    Random random = new Random(seed ^ 0x9e3779b97f4a7c15L);
    List<List<Integer>> parts = new ArrayList<>();
    for (int p = 0; p <= shares.length; p++) {
      parts.add(new ArrayList<>());
    }
    for (int label = 0; label < classes.size(); label++) {
      List<Integer> members = new ArrayList<>();
      for (int i = 0; i < labels.length; i++) {
        if (labels[i] == label) {
          members.add(i);
        }
      }
      if (members.size() < parts.size()) {
        throw new DataException(
            "class '%s' has %d images; to divide them into %s at least %d are needed. Maybe leave the class out or add images."
                .formatted(
                    classes.get(label),
                    members.size(),
                    shares.length == 1
                        ? "training and validation"
                        : "training, validation and test",
                    parts.size()));
      }
      Collections.shuffle(members, random);
      int at = 0;
      for (int p = 1; p < parts.size(); p++) {
        int count = Math.max(1, (int) Math.round(shares[p - 1] * members.size()));
        parts.get(p).addAll(members.subList(at, at + count));
        at += count;
      }
      parts.getFirst().addAll(members.subList(at, members.size()));
    }
    return parts.stream()
        .map(
            part -> {
              Collections.shuffle(part, random);
              return part.stream().mapToInt(Integer::intValue).toArray();
            })
        .toList();
  }

  /** At most {@code limit} of the places, 0 meaning all; they are in random order already. */
  static int[] atMost(int[] indices, int limit) {
    return limit == 0 || indices.length <= limit ? indices : Arrays.copyOf(indices, limit);
  }

  /** All places in random order. */
  static int[] shuffled(int count, long seed) {
    List<Integer> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(i);
    }
    Collections.shuffle(all, new Random(seed ^ 0xc2b2ae3d27d4eb4fL));
    return all.stream().mapToInt(Integer::intValue).toArray();
  }
}
