package dev.lathe.onnx.trial;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OrtEnvironment;
import com.google.protobuf.MessageLite;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A running {@link TrialChild} with limited memory. */
final class TrialProcess implements AutoCloseable {
  private static final long CPU_SECONDS = 24 * 3600;

  /** The child's process ended, or was ended because it took too long. */
  static final class Ended extends Exception {
    private static final long serialVersionUID = 1;

    Ended(String message) {
      super(message);
    }
  }

  private final LimitedProcess process;

  private TrialProcess(LimitedProcess process) {
    this.process = process;
  }

  /**
   * Starts a child.
   *
   * @throws IOException if no process can be started
   */
  static TrialProcess start(long memoryBytes) throws IOException {
    return new TrialProcess(
        LimitedProcess.start(
            new LimitedProcess.Limits(memoryBytes, memoryBytes / 4, CPU_SECONDS),
            Hidden.ofThisProgram(),
            classPath(),
            TrialChild.class.getName(),
            List.of()));
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

  /**
   * Has a model tried.
   *
   * @return why it was refused, empty if it was not
   * @throws Ended if the child did not live to answer
   */
  Optional<String> ask(String request, Duration time) throws Ended {
    long end = System.nanoTime() + time.toNanos();
    try {
      process.send(request);
      while (true) {
        String answer =
            process
                .read(Duration.ofNanos(Math.max(0, end - System.nanoTime())))
                .orElseThrow(
                    () ->
                        new Ended(
                            "it did not finish within %d s. Maybe it loops, or a shape is wrong."
                                .formatted(time.toSeconds())));
        if (answer.equals(TrialChild.OK)) {
          return Optional.empty();
        }
        if (answer.startsWith(TrialChild.REFUSED)) {
          return Optional.of(answer.substring(TrialChild.REFUSED.length()));
        }
      }
    } catch (LimitedProcess.Ended e) {
      throw new Ended("its process " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Ended("the trial was interrupted.");
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
