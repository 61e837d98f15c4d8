package dev.lathe.farm.ort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the processor packages of this machine take, as Linux tells in its power-capping files
 * (Intel RAPL: "Running Average Power Limit", also on AMD processors). The counters are of whole
 * packages, with all that runs on them.
 */
public final class EnergyMeter {
  private static final Path ROOT = Path.of("/sys/class/powercap");

  private final List<Zone> zones;

  private EnergyMeter(List<Zone> zones) {
    this.zones = zones;
  }

  /** A package: its counter in microjoules, which begins anew after {@code range}. */
  private record Zone(Path counter, long range) {}

  /** The meter of this machine; empty where there is none, or where it may not be read. */
  public static Optional<EnergyMeter> ofThisMachine() {
    return of(ROOT);
  }

  /**
   * The packages below a folder: its folders with a {@code name} that begins with "package".
   *
   * @param root as {@code /sys/class/powercap}
   */
  static Optional<EnergyMeter> of(Path root) {
    List<Zone> zones = new ArrayList<>();
    try (Stream<Path> folders = Files.list(root)) {
      for (Path folder : folders.sorted().toList()) {
        Path counter = folder.resolve("energy_uj");
        if (Files.isReadable(folder.resolve("name"))
            && Files.readString(folder.resolve("name")).startsWith("package")
            && Files.isReadable(counter)) {
          zones.add(new Zone(counter, number(folder.resolve("max_energy_range_uj"))));
          number(counter);
        }
      }
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
    return zones.isEmpty() ? Optional.empty() : Optional.of(new EnergyMeter(List.copyOf(zones)));
  }

  private static long number(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  /** Begins to count. */
  public Reading read() {
    return new Reading(this, counters());
  }

  private List<Long> counters() {
    List<Long> counters = new ArrayList<>();
    try {
      for (Zone zone : zones) {
        counters.add(number(zone.counter));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("an energy counter cannot be read any more", e);
    }
    return counters;
  }

  /** The counters at one time, in microjoules. */
  public record Reading(EnergyMeter meter, List<Long> microjoules) {
    public Reading {
      microjoules = List.copyOf(microjoules);
    }

    /**
     * What all packages took from then to now; a counter that began anew in between, once, is
     * counted right.
     */
    public double millijoules() {
      List<Long> now = meter.counters();
      long sum = 0;
      for (int i = 0; i < now.size(); i++) {
        long difference = now.get(i) - microjoules.get(i);
        sum += difference >= 0 ? difference : difference + meter.zones.get(i).range();
      }
      return sum / 1000.0;
    }
  }
}
