package dev.lathe.data.picture;

import java.util.concurrent.Semaphore;

/**
 * Holds the pictures that are decoded at the same time to a share of the heap, whatever the number
 * of threads.
 */
final class DecodingMemory {
  private static final double SHARE = 0.4;
  private static final int MEGABYTES =
      (int) Math.max(48, SHARE * Runtime.getRuntime().maxMemory() / (1 << 20));
  private static final Semaphore FREE = new Semaphore(MEGABYTES, true);

  private DecodingMemory() {}

  /** A reservation, given back when closed. */
  record Reserved(int megabytes) implements AutoCloseable {
    @Override
    public void close() {
      FREE.release(megabytes);
    }
  }

  /** Waits until so many bytes may be used; what is more than the share waits for all of it. */
  static Reserved reserve(long bytes) {
    int megabytes = (int) Math.clamp((bytes >> 20) + 1, 1, MEGABYTES);
    FREE.acquireUninterruptibly(megabytes);
    return new Reserved(megabytes);
  }
}
