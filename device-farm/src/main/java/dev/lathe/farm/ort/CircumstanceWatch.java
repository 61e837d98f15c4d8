package dev.lathe.farm.ort;

import dev.lathe.farm.Circumstances;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Watches this machine while samples are taken, as Linux tells: how long threads of this process
 * waited for a core ({@code schedstat}), what the machine below took ({@code steal}), clocks and
 * temperature. Looks only between rounds, so that it disturbs no sample.
 */
final class CircumstanceWatch {
  private static final Path CPUS = Path.of("/sys/devices/system/cpu");
  private static final Path TASKS = Path.of("/proc/self/task");

  /** The steal counter's steps are 10 ms: fewer than so many tell nothing. */
  private static final long LEAST_STOLEN_STEPS = 3;

  private final List<Integer> cores;
  private final long beganNanos = System.nanoTime();
  private final OptionalLong waitedNanos = waitedNanos();
  private final Optional<long[]> steps;
  private final List<Double> megahertz = new ArrayList<>();
  private @Nullable Double mostCelsius;

  private CircumstanceWatch(List<Integer> cores) {
    this.cores = List.copyOf(cores);
    this.steps = steps();
  }

  /**
   * Begins to watch.
   *
   * @param cores on which the samples are taken
   */
  static CircumstanceWatch begin(List<Integer> cores) {
    CircumstanceWatch watch = new CircumstanceWatch(cores);
    watch.look();
    return watch;
  }

  /** Reads clocks and temperature. */
  void look() {
    megahertz().ifPresent(megahertz::add);
    OptionalDouble celsius = MachineFacts.celsius();
    if (celsius.isPresent() && (mostCelsius == null || celsius.getAsDouble() > mostCelsius)) {
      mostCelsius = celsius.getAsDouble();
    }
  }

  /** What was seen since the beginning. */
  Circumstances end() {
    look();
    return new Circumstances(
        waitedShare(),
        stolenShare(),
        extreme(DoubleStream::min),
        extreme(DoubleStream::max),
        mostCelsius,
        cores.isEmpty()
            ? null
            : line(CPUS.resolve("cpu" + cores.getFirst() + "/cpufreq/scaling_governor"))
                .orElse(null));
  }

  private interface Extreme {
    OptionalDouble of(DoubleStream values);
  }

  private @Nullable Double extreme(Extreme extreme) {
    OptionalDouble found = extreme.of(megahertz.stream().mapToDouble(Double::doubleValue));
    return found.isPresent() ? (Double) found.getAsDouble() : null;
  }

  private @Nullable Double waitedShare() {
    OptionalLong now = waitedNanos();
    double spent = (double) (System.nanoTime() - beganNanos);
    return now.isPresent() && waitedNanos.isPresent() && spent > 0
        ? (Double) Math.clamp((now.getAsLong() - waitedNanos.getAsLong()) / spent, 0, 1)
        : null;
  }

  private @Nullable Double stolenShare() {
    Optional<long[]> now = steps();
    if (now.isEmpty() || steps.isEmpty()) {
      return null;
    }
    long all = now.get()[0] - steps.get()[0];
    long stolen = now.get()[1] - steps.get()[1];
    return all <= 0 || stolen < LEAST_STOLEN_STEPS ? 0.0 : (double) stolen / all;
  }

  /** The nanoseconds that threads of this process were ready and had no core. */
  private static OptionalLong waitedNanos() {
    try (Stream<Path> tasks = Files.list(TASKS)) {
      long sum = 0;
      boolean any = false;
      for (Path task : tasks.toList()) {
        Optional<String> line = line(task.resolve("schedstat"));
        String[] fields = line.orElse("").split(" ", -1);
        if (fields.length == 3) {
          sum += Long.parseLong(fields[1]);
          any = true;
        }
      }
      return any ? OptionalLong.of(sum) : OptionalLong.empty();
    } catch (IOException | UncheckedIOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** Steps of all that the cores did, and of what was stolen from them. */
  private Optional<long[]> steps() {
    try {
      long all = 0;
      long stolen = 0;
      for (String line : Files.readAllLines(Path.of("/proc/stat"))) {
        String[] fields = line.split(" +", -1);
        if (fields[0].matches("cpu\\d+")
            && cores.contains(Integer.parseInt(fields[0].substring(3)))
            && fields.length > 8) {
          // user, nice, system, idle, iowait, irq, softirq, steal: guests are within user
          for (int i = 1; i <= 8; i++) {
            all += Long.parseLong(fields[i]);
          }
          stolen += Long.parseLong(fields[8]);
        }
      }
      return all == 0 ? Optional.empty() : Optional.of(new long[] {all, stolen});
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private OptionalDouble megahertz() {
    DoubleStream.Builder clocks = DoubleStream.builder();
    for (int core : cores) {
      line(CPUS.resolve("cpu" + core + "/cpufreq/scaling_cur_freq"))
          .filter(text -> text.matches("\\d+"))
          .ifPresent(kilohertz -> clocks.add(Long.parseLong(kilohertz) / 1000.0));
    }
    return clocks.build().min();
  }

  private static Optional<String> line(Path file) {
    try {
      return Files.readString(file).lines().findFirst().map(String::strip);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
