package dev.lathe.service.farm;

import java.time.Duration;

/**
 * Wakes those who wait for a change. A listener notes the count before it looks and then waits for
 * a later ring, so that no ring between looking and waiting is lost.
 */
final class Bell {
  private long rings;

  /** How often it rang so far. */
  synchronized long rings() {
    return rings;
  }

  synchronized void ring() {
    rings++;
    notifyAll();
  }

  /** Waits until it has rung more often than {@code heard}, at most as long as {@code limit}. */
  synchronized void await(long heard, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    try {
      for (long left = limit.toNanos();
          rings <= heard && left > 0;
          left = end - System.nanoTime()) {
        wait(left / 1_000_000, (int) (left % 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
