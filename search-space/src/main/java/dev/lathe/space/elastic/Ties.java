package dev.lathe.space.elastic;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Entries of axes that can only be kept or left out together: disjoint sets, some of them pinned.
 */
final class Ties {
  private int[] parents = new int[1024];
  private @Nullable Pin[] pins = new Pin[1024];
  private int count;

  /** New entries, tied to nothing. */
  Axis fresh(int size) {
    int[] entries = new int[size];
    for (int i = 0; i < size; i++) {
      if (count == parents.length) {
        parents = Arrays.copyOf(parents, 2 * count);
        pins = Arrays.copyOf(pins, 2 * count);
      }
      parents[count] = count;
      entries[i] = count++;
    }
    return Axis.of(entries);
  }

  /** The same number for all that are tied together. */
  int root(int entry) {
    int at = entry;
    while (parents[at] != at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }

  void tie(int a, int b) {
    int left = root(a);
    int right = root(b);
    if (left != right) {
      int first = Math.min(left, right);
      int second = Math.max(left, right);
      parents[second] = first;
      if (pins[first] == null) {
        pins[first] = pins[second];
      }
    }
  }

  void pin(int entry, Pin pin) {
    int root = root(entry);
    if (pins[root] == null) {
      pins[root] = pin;
    }
  }

  /** Why an entry must be kept, if it must. */
  Optional<Pin> pin(int entry) {
    return Optional.ofNullable(pins[root(entry)]);
  }

  /** Whether some entries need not be kept. */
  boolean isFree(Axis axis) {
    return !axis.isPinned() && Arrays.stream(axis.entries()).anyMatch(e -> pins[root(e)] == null);
  }

  /** All entries of the axis must be kept. */
  void pin(Axis axis, Pin pin) {
    if (!axis.isPinned()) {
      for (int entry : axis.entries()) {
        pin(entry, pin);
      }
    }
  }

  /** Entries of equal index go together; where one side is pinned, so is the other. */
  void tie(Axis a, Axis b) {
    if (a.isPinned()) {
      pin(b, a.pin());
    } else if (b.isPinned()) {
      pin(a, b.pin());
    } else {
      for (int i = 0; i < a.entries().length; i++) {
        tie(a.entries()[i], b.entries()[i]);
      }
    }
  }

  /** Blocks of equal index go together, whole: {@code blocks} on each side. */
  void tieBlocks(Axis a, Axis b, int blocks) {
    if (a.isPinned() || b.isPinned()) {
      tie(a, b);
      return;
    }
    int left = a.entries().length / blocks;
    int right = b.entries().length / blocks;
    for (int block = 0; block < blocks; block++) {
      int first = a.entries()[block * left];
      for (int i = 1; i < left; i++) {
        tie(first, a.entries()[block * left + i]);
      }
      for (int i = 0; i < right; i++) {
        tie(first, b.entries()[block * right + i]);
      }
    }
  }
}
