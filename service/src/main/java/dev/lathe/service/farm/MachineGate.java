package dev.lathe.service.farm;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Lets this machine do one thing at a time: either a run trains and searches on it, or one device
 * on it measures. A run that works passes by here between its steps; a device gets its job only
 * while the run rests, and the run rests until the devices are done.
 */
@ApplicationScoped
public class MachineGate {
  private final Set<String> leases = new HashSet<>();
  private int applicants;
  private boolean working;
  private boolean granting;
  private volatile boolean wanted;

  /**
   * Passes between two steps of work: returns at once unless a device measures or wants to.
   *
   * @param stopCheck is run while waiting, and throws to end the wait
   */
  public void pass(Runnable stopCheck) {
    if (wanted) {
      rest();
      work(stopCheck);
    }
  }

  /** Begins to work, when no device measures or wants to. */
  public synchronized void work(Runnable stopCheck) {
    while (!leases.isEmpty() || applicants > 0) {
      stopCheck.run();
      await(Duration.ofMillis(200));
    }
    working = true;
  }

  /** Ends work: devices may measure. */
  public synchronized void rest() {
    working = false;
    notifyAll();
  }

  /**
   * Asks for the machine and waits until the run rests and no other device measures. Whoever got
   * {@code true} has the machine until {@link #leave}, and beyond if it noted a lease by then.
   */
  synchronized boolean apply(Duration limit) {
    applicants++;
    wanted = true;
    long end = System.nanoTime() + limit.toNanos();
    while (isTaken() && System.nanoTime() < end) {
      await(Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime())));
    }
    if (isTaken()) {
      applicants--;
      changed();
      return false;
    }
    granting = true;
    return true;
  }

  private boolean isTaken() {
    return working || granting || !leases.isEmpty();
  }

  /** Ends an application that was granted, whether it led to a lease or not. */
  synchronized void leave() {
    applicants--;
    granting = false;
    changed();
  }

  /** Notes that a device of this machine measures under a lease. */
  synchronized void leased(String leaseId) {
    leases.add(leaseId);
    changed();
  }

  /** Notes that a lease is over; of a lease that is not known, nothing. */
  synchronized void released(String leaseId) {
    leases.remove(leaseId);
    changed();
  }

  private void changed() {
    wanted = !leases.isEmpty() || applicants > 0;
    notifyAll();
  }

  @SuppressWarnings("WaitNotInLoop") // its callers loop
  private void await(Duration limit) {
    try {
      wait(Math.max(1, limit.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the machine", e);
    }
  }
}
