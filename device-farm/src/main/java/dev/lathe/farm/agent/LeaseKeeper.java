package dev.lathe.farm.agent;

import dev.lathe.farm.message.LeasedJob;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/**
 * Renews a lease at a third of its length while its job is worked on, and interrupts the worker
 * once the service says that the lease is over. Renewals that fail on the way are tried again
 * sooner; whether a late one still counts is for the service to say.
 */
final class LeaseKeeper implements AutoCloseable {
  private final FarmClient client;
  private final LeasedJob job;
  private final Thread worker;
  private final Thread keeper;
  private boolean closed;
  private boolean lost;

  LeaseKeeper(FarmClient client, LeasedJob job, Thread worker) {
    this.client = client;
    this.job = job;
    this.worker = worker;
    this.keeper = Thread.ofVirtual().name("lease-keeper").start(this::keep);
  }

  private void keep() {
    long pauseNanos = Math.max(1_000_000L, (long) (job.leaseSeconds() * 1e9 / 3));
    long next = pauseNanos;
    while (!isClosed()) {
      LockSupport.parkNanos(next);
      if (isClosed()) {
        return;
      }
      try {
        client.renew(job);
        next = pauseNanos;
      } catch (IOException e) {
        next = pauseNanos / 4;
      } catch (RefusedException e) {
        lose();
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private synchronized void lose() {
    if (!closed) {
      lost = true;
      worker.interrupt();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Whether the service said that the lease is over. */
  synchronized boolean isLost() {
    return lost;
  }

  /** Stops renewing; the worker is not interrupted any more. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    keeper.interrupt();
  }
}
