package dev.lathe.onnx.trial;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OrtEnvironment;
import com.google.protobuf.MessageLite;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A running {@link TrialChild} with limited memory. */
final class TrialProcess implements AutoCloseable {
  private static final String END = "";
  private static final long CPU_SECONDS = 24 * 3600;

  /** The child's process ended, or was ended because it took too long. */
  static final class Ended extends Exception {
    private static final long serialVersionUID = 1;

    Ended(String message) {
      super(message);
    }
  }

  private final Process process;
  private final Path folder;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  private TrialProcess(Process process, Path folder) {
    this.process = process;
    this.folder = folder;
    Thread.ofPlatform().daemon().name("trial-answers").start(this::readAnswers);
  }

  /**
   * Starts a child.
   *
   * @throws IOException if no process can be started
   */
  static TrialProcess start(long memoryBytes) throws IOException {
    Path folder = Files.createTempDirectory("lathe-trial-");
    Process process =
        new LimitedJvm(memoryBytes, memoryBytes / 4, CPU_SECONDS, folder)
            .start(classPath(), TrialChild.class.getName(), List.of());
    drain(process);
    return new TrialProcess(process, folder);
  }

  private static void drain(Process process) {
    Thread.ofPlatform()
        .daemon()
        .name("trial-errors")
        .start(
            () -> {
              try (InputStream errors = process.getErrorStream()) {
                errors.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                // The process is gone.
              }
            });
  }

  private static String classPath() {
    return Stream.of(
            TrialChild.class,
            OrtEnvironment.class,
            ModelProto.class,
            MessageLite.class,
            Nullable.class)
        .map(TrialProcess::location)
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("class %s lies in no file".formatted(type.getName()), e);
    }
  }

  private void readAnswers() {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.equals(TrialChild.OK) || line.startsWith(TrialChild.REFUSED)) {
          answers.add(line);
        }
      }
    } catch (IOException e) {
      // The process is gone: that is what the end marker says.
    } finally {
      answers.add(END);
    }
  }

  /**
   * Has a model tried.
   *
   * @return why it was refused, empty if it was not
   * @throws Ended if the child did not live to answer
   */
  Optional<String> ask(String request, Duration time) throws Ended {
    @Nullable String answer;
    try {
      process.outputWriter(StandardCharsets.UTF_8).append(request).append('\n').flush();
    } catch (IOException e) {
      throw death();
    }
    try {
      answer = answers.poll(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Ended("the trial was interrupted.");
    }
    if (answer == null) {
      throw new Ended(
          "it did not finish within %d s. Maybe it loops, or a shape is wrong."
              .formatted(time.toSeconds()));
    }
    if (answer.equals(END)) {
      throw death();
    }
    return answer.equals(TrialChild.OK)
        ? Optional.empty()
        : Optional.of(answer.substring(TrialChild.REFUSED.length()));
  }

  private Ended death() {
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        return new Ended("its process closed its output.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Ended("the trial was interrupted.");
    }
    int code = process.exitValue();
    return new Ended(
        "its process %s. Maybe the file is damaged, or needs more memory than it may use."
            .formatted(code > 128 ? "was ended by signal " + (code - 128) : "ended with " + code));
  }

  @Override
  public void close() {
    process.destroyForcibly();
    LimitedJvm.clear(folder);
  }
}
