package dev.lathe.farm.lease;

/** The answer to an agent that sends a result. */
public sealed interface Submission {
  /** This result is the attempt's: store the transition and the figures in one transaction. */
  record Recorded(Transition transition) implements Submission {}

  /** The same result was recorded before: answer as then, store nothing. */
  record Duplicate() implements Submission {}

  /** Another result of this attempt was recorded before: refuse (409). */
  record Conflict(String reason) implements Submission {}

  /** The lease is over or the fencing number is old: refuse (410). */
  record Stale(String reason) implements Submission {}
}
