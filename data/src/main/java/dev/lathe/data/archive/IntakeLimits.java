package dev.lathe.data.archive;

/**
 * How much an archive may hold.
 *
 * @param archiveBytes of the archive itself
 * @param bytes of all its files, unpacked
 * @param files that it may hold
 * @param ratio of unpacked to packed bytes beyond which it is taken for a bomb
 * @param free bytes that must stay free on the disk
 */
public record IntakeLimits(long archiveBytes, long bytes, int files, int ratio, long free) {
  private static final long GIB = 1L << 30;

  /** 8 GiB packed, 32 GiB and two million files unpacked, 200 times its size, 1 GiB left free. */
  public static final IntakeLimits USUAL = new IntakeLimits(8 * GIB, 32 * GIB, 2_000_000, 200, GIB);
}
