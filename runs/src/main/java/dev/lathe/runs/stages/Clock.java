package dev.lathe.runs.stages;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Counts the seconds that a search has worked, pauses and restarts left out. */
final class Clock {
  private static final String KEY = "clock";

  private final InstantSource time;
  private final Facts facts;
  private final double before;
  private final Instant start;

  Clock(InstantSource time, Facts facts) {
    this.time = time;
    this.facts = facts;
    this.before = facts.get(KEY, Double.class).orElse(0.0);
    this.start = time.instant();
  }

  double seconds() {
    return before + Duration.between(start, time.instant()).toMillis() / 1000.0;
  }

  /** Keeps the count for a restart. */
  void save() {
    facts.put(KEY, seconds());
  }

  Instant now() {
    return time.instant();
  }
}
