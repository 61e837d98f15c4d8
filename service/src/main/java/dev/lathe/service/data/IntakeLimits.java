package dev.lathe.service.data;

/**
 * How much an archive may hold.
 *
 * @param archiveBytes of the archive itself
 * @param bytes of all its files, unpacked
 * @param files that it may hold
 * @param ratio of unpacked to packed bytes beyond which it is taken for a bomb
 * @param free bytes that must stay free on the disk
 */
record IntakeLimits(long archiveBytes, long bytes, int files, int ratio, long free) {
  private static final long GIB = 1L << 30;

  static final IntakeLimits USUAL = new IntakeLimits(8 * GIB, 32 * GIB, 2_000_000, 200, GIB);
}
