package dev.lathe.farm.ort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** How much memory this process holds, as Linux tells; elsewhere nothing. */
final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  /** Written to {@link #CLEAR}, sets the peak to what is held now. */
  private static final String RESET_PEAK = "5";

  private ResidentMemory() {}

  /** Begins to watch for a new peak; the bytes held now. */
  static OptionalLong begin() {
    try {
      Files.writeString(CLEAR, RESET_PEAK);
    } catch (IOException e) {
      return OptionalLong.empty();
    }
    return bytes("VmRSS:");
  }

  /** From what was held at {@link #begin} to the peak since, in bytes. */
  static OptionalLong growth(OptionalLong before) {
    OptionalLong peak = bytes("VmHWM:");
    return before.isPresent() && peak.isPresent()
        ? OptionalLong.of(Math.max(0, peak.getAsLong() - before.getAsLong()))
        : OptionalLong.empty();
  }

  private static OptionalLong bytes(String field) {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
