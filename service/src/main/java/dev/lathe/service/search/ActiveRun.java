package dev.lathe.service.search;

import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStopped;
import dev.lathe.service.farm.MachineGate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The run at work, and whether it is to stop. */
final class ActiveRun implements RunControl {
  private final long searchId;
  private final MachineGate gate;
  private volatile RunStopped.@Nullable Reason stop;

  ActiveRun(long searchId, MachineGate gate) {
    this.searchId = searchId;
    this.gate = gate;
  }

  long searchId() {
    return searchId;
  }

  /** Asks the run to stop; a cancellation is not taken back by a pause. */
  synchronized void stop(RunStopped.Reason reason) {
    if (stop != RunStopped.Reason.CANCELLED) {
      stop = reason;
    }
  }

  @Override
  public void checkpoint() {
    checkStop();
    gate.pass(this::checkStop);
  }

  @Override
  public Optional<RunStopped.Reason> stopRequested() {
    return Optional.ofNullable(stop);
  }

  /** Throws if the run is to stop. */
  void checkStop() {
    RunStopped.Reason reason = stop;
    if (reason != null) {
      throw new RunStopped(reason);
    }
  }

  /** Throws if the run may not write any more: a paused one may still save where it stands. */
  void checkWrite() {
    if (stop == RunStopped.Reason.CANCELLED) {
      throw new RunStopped(RunStopped.Reason.CANCELLED);
    }
  }
}
