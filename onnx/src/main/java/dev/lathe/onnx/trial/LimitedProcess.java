package dev.lathe.onnx.trial;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A running {@link LimitedJvm} that is spoken with in lines. Whatever happens in it, its owner
 * lives on and is told how it ended; closing kills it with all that it started, and deletes its
 * folder.
 */
public final class LimitedProcess implements AutoCloseable {
  private static final String END = "";
  private static final int MOST_WAITING = 2;
  private static final int MAX_LINE = 32 << 20;
  private static final int TAIL = 4000;
  private static final int SECONDS_TO_TAKE = 20;

  /** Java's code when its heap is full and it was told to end then. */
  private static final int OUT_OF_MEMORY = 3;

  /**
   * What a process may use.
   *
   * @param memoryBytes of its data segment
   * @param heapBytes of these, for Java's heap
   * @param cpuSeconds that all its threads together may compute
   */
  public record Limits(long memoryBytes, long heapBytes, long cpuSeconds) {}

  /** The process is gone; the message continues a sentence: "its process …". */
  public static final class Ended extends Exception {
    private static final long serialVersionUID = 1;

    Ended(String message) {
      super(message);
    }
  }

  private final Limits limits;
  private final Path folder;
  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(MOST_WAITING);
  private final StringBuilder tail = new StringBuilder();
  private final Thread errorReader;
  private volatile boolean closed;

  private LimitedProcess(Limits limits, Path folder, Process process) {
    this.limits = limits;
    this.folder = folder;
    this.process = process;
    Thread.ofPlatform().daemon().name("model-process-lines").start(this::readLines);
    errorReader = Thread.ofPlatform().daemon().name("model-process-errors").start(this::readErrors);
  }

  /**
   * Starts a process in an empty folder.
   *
   * @param hidden what it does not see
   * @throws IOException if it cannot be started
   */
  public static LimitedProcess start(
      Limits limits, Hidden hidden, String classPath, String main, List<String> arguments)
      throws IOException {
    Path folder = ProcessFolder.make();
    try {
      return new LimitedProcess(
          limits,
          folder,
          new LimitedJvm(
                  limits.memoryBytes(), limits.heapBytes(), limits.cpuSeconds(), folder, hidden)
              .start(classPath, main, arguments));
    } catch (IOException | RuntimeException e) {
      ProcessFolder.delete(folder);
      throw e;
    }
  }

  /** The folder in which it runs. */
  public Path folder() {
    return folder;
  }

  /** Whether it has not ended yet. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Sends a line; that the process is gone is noticed by {@link #read}. One that does not take it
   * within {@value #SECONDS_TO_TAKE} s is ended.
   */
  public void send(String line) {
    Thread writer =
        Thread.ofPlatform().daemon().name("model-process-writes").start(() -> write(line));
    try {
      if (!writer.join(Duration.ofSeconds(SECONDS_TO_TAKE))) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void write(String line) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      // It is gone: reading tells how.
      return;
    }
  }

  /**
   * The next line that it wrote.
   *
   * @return empty if it wrote none within the time
   * @throws Ended if it is gone and nothing is left to read
   */
  public Optional<String> read(Duration time) throws Ended, InterruptedException {
    String line = lines.poll(time.toMillis(), TimeUnit.MILLISECONDS);
    if (line == null) {
      return Optional.empty();
    }
    if (line.equals(END)) {
      throw new Ended(end());
    }
    return Optional.of(line);
  }

  private void readLines() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = line(out); line != null; line = line(out)) {
        if (!line.equals(END) && !give(line)) {
          return;
        }
      }
    } catch (IOException e) {
      // The process is gone: that is what the end marker says.
    } finally {
      give(END);
    }
  }

  /** A line, null at the end; one without end is an end. */
  private static @Nullable String line(Reader out) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = out.read(); c >= 0; c = out.read()) {
      if (c == '\n') {
        return line.toString();
      }
      if (line.length() >= MAX_LINE) {
        return null;
      }
      line.append((char) c);
    }
    return null;
  }

  private boolean give(String line) {
    try {
      while (!closed) {
        if (lines.offer(line, 1, TimeUnit.SECONDS)) {
          return true;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private void readErrors() {
    char[] buffer = new char[1024];
    try (Reader errors = process.errorReader(StandardCharsets.UTF_8)) {
      for (int n = errors.read(buffer); n >= 0; n = errors.read(buffer)) {
        synchronized (tail) {
          tail.append(buffer, 0, n);
          tail.delete(0, Math.max(0, tail.length() - TAIL));
        }
      }
    } catch (IOException e) {
      // The process is gone.
      return;
    }
  }

  private String end() throws InterruptedException {
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      return "closed its output.";
    }
    errorReader.join(1000);
    String said;
    synchronized (tail) {
      said = tail.toString().toLowerCase(Locale.ROOT);
    }
    int code = process.exitValue();
    if (code == OUT_OF_MEMORY
        || said.contains("insufficient memory")
        || said.contains("outofmemory")
        || said.contains("bad_alloc")) {
      return "needed more memory than the %d MiB that it may use. Maybe a shape is wrong."
          .formatted(limits.memoryBytes() >> 20);
    }
    if (code == 128 + 9) {
      return "was ended by the system. Maybe it used up its processor time, or the machine's memory.";
    }
    return "%s. Maybe the file is damaged, or needs more memory than it may use."
        .formatted(code > 128 ? "was ended by signal " + (code - 128) : "ended with " + code);
  }

  @Override
  public void close() {
    closed = true;
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    boolean interrupted = false;
    try {
      boolean unused = process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    ProcessFolder.delete(folder);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
