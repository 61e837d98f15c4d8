package dev.lathe.runs;

import java.util.Optional;

/** By which the service holds a run. */
public interface RunControl {
  /**
   * To be called often from the thread of the run: before each training step and each evaluation.
   * Returns at once in the usual case, waits while a device on this machine measures, and costs a
   * few nanoseconds.
   *
   * @throws RunStopped if the run is to stop: pause, cancel, or the service goes down. Whoever
   *     catches it may save a checkpoint within a few seconds, and must throw it again
   */
  void checkpoint() throws RunStopped;

  /** Whether the run is to stop, and why; what the next checkpoint will throw. */
  default Optional<RunStopped.Reason> stopRequested() {
    return Optional.empty();
  }
}
