package dev.lathe.service.search;

import dev.lathe.runs.InvalidSearch;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run was launched on, by SHA-256: a run that goes on must find the same, or what it learned
 * before and after would be of different things, and test images could become training images.
 *
 * @param hashes by what they are of, for example {@code data set 'flowers'}
 */
record Pins(Map<String, String> hashes) {
  private static final int SHOWN = 12;

  Pins {
    hashes = new TreeMap<>(hashes);
  }

  /**
   * Fails unless what is there now is what was there at the launch.
   *
   * @throws InvalidSearch naming what differs
   */
  void requireSame(Pins now) {
    hashes.forEach(
        (what, sha256) -> {
          String found = now.hashes.get(what);
          if (!sha256.equals(found)) {
            throw new InvalidSearch(
                "inputs",
                "%s is not what this run was launched on: its SHA-256 was %s… and is %s. Maybe put back what was there, or launch a new run."
                    .formatted(
                        what,
                        sha256.substring(0, SHOWN),
                        found == null ? "that of nothing" : found.substring(0, SHOWN) + "…"));
          }
        });
  }
}
