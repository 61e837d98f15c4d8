package dev.lathe.farm.android;

import dev.lathe.farm.FailureKind;
import dev.lathe.farm.MeasurementFailed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Android's {@code adb} for one device: a program a request, each with a limit of time. */
final class Adb {
  private static final Duration SHORT = Duration.ofSeconds(30);
  private static final Duration COPY = Duration.ofMinutes(5);
  private static final int MOST_OUTPUT = 1 << 20;

  private final String program;
  private final int port;
  private final String serial;

  /**
   * @param program name or path of {@code adb}
   * @param port of its server
   * @param serial of the device
   */
  Adb(String program, int port, String serial) {
    this.program = program;
    this.port = port;
    this.serial = serial;
  }

  /** What a program said and how it ended. */
  record Answer(int code, String text) {}

  /** Serial numbers of the devices that are there and may be used. */
  static List<String> devices(String program, int port)
      throws MeasurementFailed, InterruptedException {
    Answer answer = run(List.of(program, "-P", Integer.toString(port), "devices"), SHORT);
    if (answer.code() != 0) {
      throw new MeasurementFailed(
          FailureKind.DEVICE, "adb cannot list devices: %s".formatted(brief(answer.text())));
    }
    List<String> found = new ArrayList<>();
    for (String line : answer.text().lines().toList()) {
      String[] fields = line.split("\t", -1);
      if (fields.length == 2 && fields[1].strip().equals("device")) {
        found.add(fields[0]);
      }
    }
    return found;
  }

  String serial() {
    return serial;
  }

  /** Whether the device is there. */
  boolean isThere() throws InterruptedException {
    try {
      return devices(program, port).contains(serial);
    } catch (MeasurementFailed e) {
      return false;
    }
  }

  /** The output of a command that must end with code 0. */
  String shell(String command) throws MeasurementFailed, InterruptedException {
    Answer answer = shell(command, SHORT);
    if (answer.code() != 0) {
      throw gone("'%s' ended with code %d: %s", command, answer.code(), brief(answer.text()));
    }
    return answer.text().strip();
  }

  /**
   * Runs a command on the device.
   *
   * @return its output and code; code 255 and a text from adb if the device is gone
   * @throws MeasurementFailed of kind {@link FailureKind#TIMED_OUT} if it takes too long
   */
  Answer shell(String command, Duration limit) throws MeasurementFailed, InterruptedException {
    return run(with("shell", command), limit);
  }

  void push(Path local, String remote) throws MeasurementFailed, InterruptedException {
    copy("push", local.toString(), remote);
  }

  void pull(String remote, Path local) throws MeasurementFailed, InterruptedException {
    copy("pull", remote, local.toString());
  }

  private void copy(String how, String from, String to)
      throws MeasurementFailed, InterruptedException {
    Answer answer = run(with(how, from, to), COPY);
    if (answer.code() != 0) {
      throw gone("adb cannot %s '%s': %s", how, from, brief(answer.text()));
    }
  }

  private MeasurementFailed gone(String format, Object... values) throws InterruptedException {
    String what = format.formatted(values);
    return new MeasurementFailed(
        FailureKind.DEVICE,
        isThere()
            ? "device '%s': %s".formatted(serial, what)
            : "device '%s' is gone (%s). Maybe its cable was pulled.".formatted(serial, what));
  }

  private List<String> with(String... arguments) {
    List<String> command = new ArrayList<>(List.of(program, "-P", Integer.toString(port)));
    command.addAll(List.of("-s", serial));
    command.addAll(List.of(arguments));
    return command;
  }

  private static Answer run(List<String> command, Duration limit)
      throws MeasurementFailed, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE,
          "'%s' cannot be started. Maybe install Android's platform tools (Debian: adb)."
              .formatted(command.getFirst()),
          e);
    }
    CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> read(process));
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new MeasurementFailed(
            FailureKind.TIMED_OUT,
            "the device gave no sign for %d s.".formatted(limit.toSeconds()));
      }
      return new Answer(process.exitValue(), output.join());
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(Process process) {
    try (InputStream in = process.getInputStream()) {
      byte[] bytes = in.readNBytes(MOST_OUTPUT);
      in.skip(Long.MAX_VALUE);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String brief(String text) {
    String line = text.strip().lines().reduce((first, second) -> second).orElse("nothing said");
    return line.substring(0, Math.min(200, line.length()));
  }
}
