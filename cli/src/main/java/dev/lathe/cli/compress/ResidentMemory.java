package dev.lathe.cli.compress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory that this process holds, natives included, in megabytes (10⁶ bytes). */
public final class ResidentMemory {
  private ResidentMemory() {}

  /** What it holds now; NaN where the system does not tell. */
  public static double megabytes() {
    return status("VmRSS:");
  }

  /** The most that it has held; NaN where the system does not tell. */
  public static double peakMegabytes() {
    return status("VmHWM:");
  }

  private static double status(String field) {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith(field))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1024 / 1e6)
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
