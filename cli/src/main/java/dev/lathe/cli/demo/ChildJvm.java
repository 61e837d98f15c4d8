package dev.lathe.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Java process of ours that ends with this one; what it prints goes to a log file. */
final class ChildJvm implements AutoCloseable {
  private static final long STOP_SECONDS = 30;

  private final String name;
  private final Process process;
  private final Path log;
  private final Thread ending;

  private ChildJvm(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.ending = new Thread(this::end, "end-" + name);
    Runtime.getRuntime().addShutdownHook(ending);
  }

  /** Starts a process with this JVM's executable and classes. */
  static ChildJvm start(String name, Path log, List<String> arguments) throws IOException {
    Files.createDirectories(log.getParent());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.awt.headless=true",
            "-Dlathe.parent=" + ProcessHandle.current().pid(),
            "-XX:+UseSerialGC"));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .redirectInput(ProcessBuilder.Redirect.PIPE);
    // Not as an option: ONNX Runtime does not survive long command lines.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.start();
    return new ChildJvm(name, process, log);
  }

  /**
   * Fails if the process has ended.
   *
   * @throws IOException with the last thing it said
   */
  void requireAlive() throws IOException {
    if (!process.isAlive()) {
      List<String> lines = Files.readAllLines(log);
      String last =
          lines.stream()
              .filter(line -> line.startsWith("lathe: "))
              .reduce((first, second) -> second)
              .map(line -> line.substring("lathe: ".length()))
              .orElse(lines.isEmpty() ? "" : lines.getLast());
      throw new IOException(
          "the %s ended with code %d: %s (log: %s)"
              .formatted(name, process.exitValue(), last, log));
    }
  }

  /** Waits for its end, too: what comes next may begin with what it had. */
  private void end() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(ending);
    } catch (IllegalStateException _) {
      // this process is ending already
    }
  }
}
