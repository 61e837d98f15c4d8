package dev.lathe.runs;

import java.util.List;

/**
 * A member of the final front.
 *
 * @param artifactId of a stored artifact
 * @param latencies measured, one a device
 */
public record FrontMember(long artifactId, List<DeviceLatency> latencies) {
  public FrontMember {
    latencies = List.copyOf(latencies);
  }

  /**
   * What a device needs for one run of the network.
   *
   * @param measurementId of the measurement
   * @param predictedMillis what the predictor said, with its interval
   */
  public record DeviceLatency(
      long measurementId, double predictedMillis, double lowerMillis, double upperMillis) {}
}
