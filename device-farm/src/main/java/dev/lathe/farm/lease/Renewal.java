package dev.lathe.farm.lease;

/** The answer to an agent that wants to keep its lease. */
public sealed interface Renewal {
  /** The lease lasts until the transition's new deadline. */
  record Renewed(Transition transition) implements Renewal {}

  /** The lease is over: the agent must stop, nothing it sends is recorded. */
  record Gone(String reason) implements Renewal {}
}
