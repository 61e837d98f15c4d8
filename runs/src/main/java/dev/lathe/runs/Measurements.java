package dev.lathe.runs;

import java.util.List;

/** What the devices of a search measure. */
public interface Measurements {
  /**
   * The devices that the search measures on, in their order: those its request names, else the only
   * one there is or the one on this machine. Waits a while for their agents to come; afterwards
   * always the same.
   *
   * @throws MeasurementException if there is no such device
   */
  List<DeviceRecord> devices();

  /** The first of the devices. */
  default DeviceRecord device() {
    return devices().getFirst();
  }

  /**
   * Measures networks on their devices, on each one after the other, and waits for all of them;
   * training and search of all runs on the service's machine rest meanwhile. A request that this
   * search had measured before (the same key and the same bytes) is answered from the record, so
   * that a resumed search may ask again for everything.
   *
   * @param progress is told how many are done
   * @return one outcome a request, in order of the requests
   * @throws RunStopped if pause or cancel is asked, or the service goes down; what is measured by
   *     then is recorded
   * @throws MeasurementException if the device is lost for longer than the service waits
   */
  List<MeasurementOutcome> measure(List<MeasurementRequest> requests, Progress progress);

  /** As {@link #measure(List, Progress)}, telling nobody. */
  default List<MeasurementOutcome> measure(List<MeasurementRequest> requests) {
    return measure(requests, (done, of) -> {});
  }

  /** Is told how far a list of measurements is. */
  @FunctionalInterface
  interface Progress {
    /** {@code done} of {@code of} requests have their outcome. */
    void at(int done, int of);
  }
}
