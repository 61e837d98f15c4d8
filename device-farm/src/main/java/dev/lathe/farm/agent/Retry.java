package dev.lathe.farm.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * Asks again after failures that may pass, with pauses that double up to a hundred times the first
 * and vary by a quarter, so that many agents do not come back at the same moment.
 */
final class Retry {
  private static final int LARGEST = 100;

  private final Duration firstPause;
  private final Consumer<String> log;

  Retry(Duration firstPause, Consumer<String> log) {
    this.firstPause = firstPause;
    this.log = log;
  }

  /** A request that can be made again. */
  @FunctionalInterface
  interface Request<T> {
    T make() throws IOException, RefusedException, InterruptedException;
  }

  /** Makes the request until it is answered or refused. */
  <T> T until(Request<T> request) throws RefusedException, InterruptedException {
    long factor = 1;
    while (true) {
      try {
        return request.make();
      } catch (IOException e) {
        double pause =
            firstPause.toMillis() * factor * (0.75 + ThreadLocalRandom.current().nextDouble(0.5));
        if (factor == 1 || factor >= LARGEST) {
          log.accept("%s; trying again".formatted(e.getMessage()));
        }
        Thread.sleep(Math.max(1, Math.round(pause)));
        factor = Math.min(LARGEST, 2 * factor);
      }
    }
  }
}
