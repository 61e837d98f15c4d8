package dev.lathe.data;

/** Told how far a long operation has come. Calls come one after another, from any thread. */
@FunctionalInterface
public interface Progress {
  /**
   * Reports a step.
   *
   * @param fraction share of the work that is done, in [0, 1]
   * @param message what is being done, for people
   */
  void at(double fraction, String message);

  /** Tells nobody. */
  static Progress none() {
    return (fraction, message) -> {};
  }

  /** This progress seen by a part of the work, which reaches from {@code from} to {@code to}. */
  default Progress between(double from, double to) {
    return (fraction, message) -> at(from + (to - from) * fraction, message);
  }
}
