package dev.lathe.data;

/**
 * The side to which picture files are brought where no resolution is asked for: the more time a run
 * has and the fewer pictures there are, the larger. Steps of training cost as many seconds as they
 * have pixels, so that a run has time for a number of pixels, in all passes over all pictures.
 */
final class TrainedSide {
  /** Larger pictures are brought to no less than this, in pixels. */
  static final int LEAST = 64;

  /** What a supernet of residual networks trains in a second on two cores. */
  static final double PIXELS_PER_SECOND = 1.2e6;

  private static final int[] LARGER = {224, 160, 128, 96};

  /** Fewer passes than these, and the same seconds are better spent on smaller pictures. */
  private static final int PASSES = 60;

  /** Where pictures are few, passes are counted by what is seen in them all. */
  private static final double SEEN = 40_000;

  private TrainedSide() {}

  /**
   * Chooses the side.
   *
   * @param side that the pictures have, in pixels
   * @param pictures how many there are
   * @param seconds of the run
   * @return theirs up to {@value #LEAST}; above, the largest of 96, 128, 160 and 224 that they have
   *     and that the run has time for, or {@value #LEAST}
   */
  static int of(int side, int pictures, double seconds) {
    if (side <= LEAST) {
      return Math.max(side, 8);
    }
    double seen = Math.max((double) PASSES * pictures, SEEN);
    double pixels = seconds * PIXELS_PER_SECOND / seen;
    for (int larger : LARGER) {
      if (larger <= side && (double) larger * larger <= pixels) {
        return larger;
      }
    }
    return LEAST;
  }
}
