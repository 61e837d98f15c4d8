package dev.lathe.service.store;

import io.quarkus.narayana.jta.QuarkusTransaction;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Units of work that are done whole or not at all. Each may be tried again: while the database
 * cannot be reached, the unit waits and starts afresh, so that a search outlives a restart of its
 * database.
 */
public final class Transactions {
  private static final Logger LOG = Logger.getLogger(Transactions.class);
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private Transactions() {}

  /** Does the work in a transaction of its own; while the database is away, fails at once. */
  public static <T> T call(Supplier<T> work) {
    return QuarkusTransaction.requiringNew().call(work::get);
  }

  /** As {@link #call}, without a result. */
  public static void run(Runnable work) {
    QuarkusTransaction.requiringNew().run(work);
  }

  /** As {@link #call}; while the database is away, waits for it up to ten minutes. */
  public static <T> T callPatiently(Supplier<T> work) {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        return call(work);
      } catch (RuntimeException e) {
        if (!isConnectionLoss(e) || System.nanoTime() > giveUp) {
          throw e;
        }
        LOG.warnf("the database cannot be reached, waiting: %s", e.getMessage());
        sleep(pause);
        pause = pause.multipliedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
      }
    }
  }

  /** As {@link #callPatiently}, without a result. */
  public static void runPatiently(Runnable work) {
    callPatiently(
        () -> {
          work.run();
          return true;
        });
  }

  /** Whether the cause is that the database was not there, rather than what was asked of it. */
  public static boolean isConnectionLoss(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLTransientConnectionException) {
        return true;
      }
      if (cause instanceof SQLException && isPoolWait(cause.getMessage())) {
        return true;
      }
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        String state = sql.getSQLState();
        // 08: connection; 53: no room for one more; 57P01..57P03: server stops, crashed, or starts.
        if (state.startsWith("08") || state.startsWith("57P0") || state.startsWith("53")) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether no connection of the pool became free in time. */
  private static boolean isPoolWait(@Nullable String message) {
    return message != null && message.startsWith("Acquisition timeout");
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the database", e);
    }
  }
}
