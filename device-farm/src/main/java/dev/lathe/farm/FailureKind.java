package dev.lathe.farm;

/** Why a measurement has no figures. */
public enum FailureKind {
  /** The runtime refuses the model, or the model cannot be fed. */
  MODEL_REFUSED(false),
  /** The process that measures died: a signal, an abort. */
  CRASHED(false),
  /** The process that measures exceeded its memory. */
  OUT_OF_MEMORY(false),
  /** The process that measures did not answer in time. */
  TIMED_OUT(false),
  /** The process that measures ended as if all were well, without a result. */
  NO_RESULT(false),
  /** The sentinel drifted too much: the machine was not quiet. */
  UNSTABLE(true),
  /** The device could not do its part: no room on the disk, no runtime. */
  DEVICE(true),
  /** The model did not reach the device: the network's fault or the service's, not the device's. */
  DOWNLOAD(true),
  /** The agent was asked to stop. */
  STOPPED(true);

  private final boolean retried;

  FailureKind(boolean retried) {
    this.retried = retried;
  }

  /**
   * Whether another attempt may end better. What the model itself brought about is not tried again.
   */
  public boolean retried() {
    return retried;
  }
}
