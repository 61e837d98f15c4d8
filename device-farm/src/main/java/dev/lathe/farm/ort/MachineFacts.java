package dev.lathe.farm.ort;

import dev.lathe.farm.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What this machine tells of itself. A fact that it does not tell is left out. */
public final class MachineFacts {
  private static final Path CPU = Path.of("/sys/devices/system/cpu/cpu0/cpufreq");

  private MachineFacts() {}

  /** The processor's model name, or the architecture where it is not told. */
  public static String processor() {
    return field(Path.of("/proc/cpuinfo"), "model name")
        .orElseGet(() -> System.getProperty("os.arch"));
  }

  /** Bytes of memory of the machine, 0 if unknown. */
  public static long memoryBytes() {
    return field(Path.of("/proc/meminfo"), "MemTotal")
        .map(text -> Long.parseLong(text.replaceAll("[^0-9]", "")) * 1024)
        .orElse(0L);
  }

  /**
   * An id of this machine that survives restarts of programs: two programs with the same id share a
   * machine. It is a hash: the machine's own id does not leave it.
   */
  public static String host() {
    String id =
        line(Path.of("/etc/machine-id"))
            .or(() -> line(Path.of("/proc/sys/kernel/random/boot_id")))
            .or(() -> Optional.ofNullable(System.getenv("HOSTNAME")))
            .orElse(System.getProperty("user.home"));
    return Sha256.of(("lathe host " + id).getBytes(StandardCharsets.UTF_8)).substring(0, 32);
  }

  /** Processor, system, clock, governor, temperature and load at this moment. */
  public static Map<String, String> now() {
    Map<String, String> facts = new TreeMap<>();
    facts.put("processor", processor());
    facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("java", Runtime.version().toString());
    field(Path.of("/proc/cpuinfo"), "cpu MHz").ifPresent(mhz -> facts.put("clockMegahertz", mhz));
    line(CPU.resolve("scaling_governor")).ifPresent(governor -> facts.put("governor", governor));
    line(Path.of("/proc/loadavg"))
        .ifPresent(load -> facts.put("loadAverage", load.split(" ", 2)[0]));
    celsius()
        .ifPresent(
            celsius ->
                facts.put("temperatureCelsius", String.format(Locale.ROOT, "%.1f", celsius)));
    return facts;
  }

  /** The temperature of the hottest zone. */
  static OptionalDouble celsius() {
    try (Stream<Path> zones = Files.list(Path.of("/sys/class/thermal"))) {
      return zones
          .flatMap(zone -> line(zone.resolve("temp")).stream())
          .filter(text -> text.matches("-?\\d+"))
          .mapToDouble(text -> Long.parseLong(text) / 1000.0)
          .max();
    } catch (IOException e) {
      return OptionalDouble.empty();
    }
  }

  /**
   * Whether this processor is played by another one: a Java that was built for one architecture
   * while the kernel tells of a processor of another, or of an emulator.
   */
  public static boolean isEmulated() {
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    return arm
        && (field(Path.of("/proc/cpuinfo"), "vendor_id").isPresent()
            || processor().contains("emulated"));
  }

  private static Optional<String> field(Path file, String name) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> line(Path file) {
    try {
      return Files.readString(file).lines().findFirst().map(String::strip);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
