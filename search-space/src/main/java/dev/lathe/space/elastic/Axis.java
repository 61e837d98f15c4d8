package dev.lathe.space.elastic;

import org.jspecify.annotations.Nullable;

/**
 * One dimension of a value: for each of its entries what it is tied to, or why all must be kept.
 *
 * @param ties one number of {@link Ties} an entry; null if all entries must be kept
 * @param pin why they must be kept, where they must
 */
record Axis(int @Nullable [] ties, Pin pin) {
  static final Axis PLAIN = new Axis(null, Pin.NO_CHANNELS);

  static Axis of(int[] ties) {
    return new Axis(ties, Pin.NO_CHANNELS);
  }

  static Axis pinned(Pin pin) {
    return new Axis(null, pin);
  }

  boolean isPinned() {
    return ties == null;
  }

  /** The ties of an axis that has some. */
  int[] entries() {
    if (ties == null) {
      throw new IllegalStateException("a pinned axis has no ties");
    }
    return ties;
  }
}
