package dev.lathe.latency.table;

import dev.lathe.space.Architecture;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of other devices: latencies of the same architectures on each.
 *
 * @param architectures those measured
 * @param millis for each device one latency an architecture, in milliseconds, finite
 */
public record SourceDevices(List<Architecture> architectures, Map<String, double[]> millis) {
  public SourceDevices {
    architectures = List.copyOf(architectures);
    millis = new LinkedHashMap<>(millis);
    if (millis.size() < 2) {
      throw new IllegalArgumentException(
          "transfer needs at least 2 source devices, not %d.".formatted(millis.size()));
    }
    for (var device : millis.entrySet()) {
      if (device.getValue().length != architectures.size()) {
        throw new IllegalArgumentException(
            "source device '%s' has %d latencies for %d architectures."
                .formatted(device.getKey(), device.getValue().length, architectures.size()));
      }
      for (double value : device.getValue()) {
        if (!Double.isFinite(value)) {
          throw new IllegalArgumentException(
              "source device '%s' lacks the latency of an architecture. Maybe leave out that device."
                  .formatted(device.getKey()));
        }
      }
    }
  }
}
