package dev.lathe.farm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the sentinel took on one device lately, so that an hour in which the whole device is slow is
 * told from one in which a network is slow. Kept in a file, if one is given, through restarts.
 */
public final class SentinelHistory {
  private static final int KEPT = 200;

  /** From so many readings on, the best of them says what the device can do. */
  private static final int ENOUGH = 5;

  /** The best is this share of the readings from below: a single lucky reading is none. */
  private static final double BEST = 0.1;

  private final Deque<Double> readings = new ArrayDeque<>();
  private final Optional<Path> file;

  private SentinelHistory(Optional<Path> file) {
    this.file = file;
  }

  /** A history that lives as long as this program. */
  public static SentinelHistory inMemory() {
    return new SentinelHistory(Optional.empty());
  }

  /** A history in a file; lines that cannot be read are passed over. */
  public static SentinelHistory of(Path file) {
    SentinelHistory history = new SentinelHistory(Optional.of(file));
    try {
      if (Files.isReadable(file)) {
        Files.readAllLines(file).stream()
            .flatMap(line -> positive(line).stream())
            .forEach(history::keep);
      }
    } catch (IOException e) {
      // Without a past, the present begins one.
      return history;
    }
    return history;
  }

  private static Optional<Double> positive(String line) {
    try {
      double value = Double.parseDouble(line.strip());
      return value > 0 && !Double.isInfinite(value) ? Optional.of(value) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private void keep(double millis) {
    readings.addLast(millis);
    if (readings.size() > KEPT) {
      readings.removeFirst();
    }
  }

  /** Notes a reading of the sentinel, in milliseconds. */
  public synchronized void add(double millis) {
    keep(millis);
    if (file.isEmpty()) {
      return;
    }
    try {
      Path parent = file.get().toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Path fresh = file.get().resolveSibling(file.get().getFileName() + ".new");
      Files.write(
          fresh,
          readings.stream().map(value -> String.format(Locale.ROOT, "%.6f", value)).toList());
      Files.move(
          fresh, file.get(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // The figure at hand is judged all the same; only later programs know less.
      return;
    }
  }

  /** What the sentinel takes at the device's best; empty until enough was seen. */
  public synchronized OptionalDouble best() {
    if (readings.size() < ENOUGH) {
      return OptionalDouble.empty();
    }
    double[] sorted = readings.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return OptionalDouble.of(sorted[(int) (BEST * sorted.length)]);
  }
}
