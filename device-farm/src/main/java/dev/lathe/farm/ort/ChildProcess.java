package dev.lathe.farm.ort;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.message.FarmJson;
import dev.lathe.onnx.trial.Hidden;
import dev.lathe.onnx.trial.LimitedJvm;
import dev.lathe.onnx.trial.ProcessFolder;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A running child JVM and the two pipes to it. Its heap is small, its address space limited, its
 * working directory empty, its environment bare, and where the system allows it there is no
 * network; all that it writes goes away with it.
 */
final class ChildProcess implements AutoCloseable {
  private static final int TAIL = 2000;
  private static final String END = "";
  private static final String MODELS = "models";
  private static final Pattern SIGNAL = Pattern.compile("#\\s+(SIG[A-Z]+)");

  private final ObjectMapper mapper = FarmJson.mapper();
  private final Path scratch;
  private final Hidden hidden;
  private final Process process;
  private final BufferedReader errors;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(10_000);
  private final StringBuilder tail = new StringBuilder();
  private final Thread errorReader;

  private ChildProcess(Path scratch, Hidden hidden, Process process) {
    this.scratch = scratch;
    this.hidden = hidden;
    this.process = process;
    this.errors = process.errorReader(StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().name("measurement-child-out").start(this::readLines);
    errorReader =
        Thread.ofPlatform().daemon().name("measurement-child-err").start(this::readErrors);
  }

  /**
   * Starts a child.
   *
   * @param main its main class
   * @param settings by how much it may grow, and what starts it
   * @param sentinel file of the sentinel model
   * @param provider what runs the models
   * @throws IOException if no process can be started
   */
  static ChildProcess start(
      Class<?> main, ProcessSettings settings, Path sentinel, Provider provider)
      throws IOException {
    long memoryBytes = settings.memoryBytes();
    Path scratch = ProcessFolder.make();
    Hidden hidden = Hidden.ofThisProgram();
    try {
      Path work = Files.createDirectory(scratch.resolve("work"));
      Path temporary = Files.createDirectory(scratch.resolve("tmp"));
      Files.createDirectory(scratch.resolve(MODELS));
      List<String> command = new ArrayList<>(LimitedJvm.before(hidden, scratch, classPath(main)));
      command.addAll(settings.launcher());
      command.addAll(
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xms64m",
              "-Xmx64m",
              "-Xmn40m",
              "-XX:+UseSerialGC",
              "-XX:MaxDirectMemorySize=" + memoryBytes,
              "-XX:+ExitOnOutOfMemoryError",
              "-XX:-CreateCoredumpOnCrash",
              "-XX:ErrorFile=" + temporary.resolve("crash.log"),
              "-XX:-UsePerfData",
              "--enable-native-access=ALL-UNNAMED",
              "-Djava.io.tmpdir=" + temporary,
              "-cp",
              classPath(main),
              main.getName(),
              Long.toString(memoryBytes),
              sentinel.toString(),
              provider.name()));
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.directory(work.toFile());
      builder.environment().clear();
      return new ChildProcess(scratch, hidden, builder.start());
    } catch (IOException | RuntimeException e) {
      ProcessFolder.delete(scratch);
      throw e;
    }
  }

  /** Only what the child needs, wherever this program got it from. */
  private static String classPath(Class<?> main) {
    return Stream.of(
            main,
            MeasurementChild.class,
            ai.onnxruntime.OrtEnvironment.class,
            ObjectMapper.class,
            JsonParser.class,
            JsonProperty.class,
            JavaTimeModule.class,
            Nullable.class)
        .map(ChildProcess::location)
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

  private void readLines() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("{")) {
          lines.put(line);
        } else {
          heard(line + "\n");
        }
      }
    } catch (IOException e) {
      heard(e.getMessage() + "\n");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lines.offer(END);
    }
  }

  private void readErrors() {
    char[] buffer = new char[1024];
    try (errors) {
      for (int n = errors.read(buffer); n >= 0; n = errors.read(buffer)) {
        heard(String.valueOf(buffer, 0, n));
      }
    } catch (IOException e) {
      heard(e.getMessage() + "\n");
    }
  }

  /** Keeps the end of what the child and its virtual machine say beside replies. */
  private String heard(String text) {
    synchronized (tail) {
      tail.append(text);
      tail.delete(0, Math.max(0, tail.length() - TAIL));
      return tail.toString().strip();
    }
  }

  /**
   * Where the child finds a model: where it lies, or a copy of it until {@link #forgetModels} if
   * the child does not see that place.
   */
  String seen(Path model) throws MeasurementFailed {
    Path place = model.toAbsolutePath();
    if (!LimitedJvm.isHiding() || !hidden.holds(place)) {
      return place.toString();
    }
    try {
      Path folder = Files.createTempDirectory(scratch.resolve(MODELS), "");
      return Files.copy(place, folder.resolve(place.getFileName())).toString();
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE,
          "model '%s' cannot be given to the measuring process (%s). Maybe the temporary folder is full."
              .formatted(place, e.getMessage()),
          e);
    }
  }

  /** Deletes copies of models that are not needed any more. */
  void forgetModels() {
    try (DirectoryStream<Path> copies = Files.newDirectoryStream(scratch.resolve(MODELS))) {
      copies.forEach(ProcessFolder::delete);
    } catch (IOException e) {
      heard(e.getMessage() + "\n"); // they go with the child
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends a request; a child that died before is noticed when its answer is awaited. */
  void send(ChildRequest request) {
    try {
      process
          .getOutputStream()
          .write((mapper.writeValueAsString(request) + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      heard(e.getMessage() + "\n");
    }
  }

  /**
   * The child's next reply.
   *
   * @throws MeasurementFailed if it died or was silent for longer than the limit, and was killed
   */
  ChildReply receive(Duration silence) throws MeasurementFailed, InterruptedException {
    String line = lines.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
    if (line == null) {
      throw new MeasurementFailed(
          FailureKind.TIMED_OUT,
          "the measuring process gave no sign for %d s and was ended. Maybe the model loops, or is too slow for this limit."
              .formatted(silence.toSeconds()));
    }
    if (line.equals(END)) {
      throw death();
    }
    try {
      return mapper.readValue(line, ChildReply.class);
    } catch (JsonProcessingException e) {
      throw new MeasurementFailed(
          FailureKind.CRASHED,
          "the measuring process wrote what is no reply: %s".formatted(e.getOriginalMessage()),
          e);
    }
  }

  private MeasurementFailed death() throws InterruptedException {
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      return new MeasurementFailed(
          FailureKind.CRASHED, "the measuring process closed its output but lives on.");
    }
    errorReader.join(1000);
    int code = process.exitValue();
    String said = heard("");
    String lower = said.toLowerCase(Locale.ROOT);
    if (code == 0) {
      return new MeasurementFailed(
          FailureKind.NO_RESULT, "the measuring process ended with code 0 without a result.");
    }
    if (code == 3
        || lower.contains("outofmemoryerror")
        || lower.contains("insufficient memory")
        || lower.contains("bad_alloc")) {
      return new MeasurementFailed(
          FailureKind.OUT_OF_MEMORY,
          "the measuring process ran out of its memory. Maybe the model is too large for this device.");
    }
    String how = code > 128 ? "was ended by signal " + (code - 128) : "ended with code " + code;
    return new MeasurementFailed(
        FailureKind.CRASHED,
        "the measuring process %s%s. Maybe this model crashes the runtime."
            .formatted(how, cause(said).map(cause -> " (" + cause + ")").orElse("")));
  }

  /** The signal that the virtual machine tells of as it dies, or the last line of what was said. */
  private static Optional<String> cause(String said) {
    Matcher signal = SIGNAL.matcher(said);
    return signal.find()
        ? Optional.of(signal.group(1))
        : said.lines()
            .filter(line -> line.length() > 2)
            .reduce((first, second) -> second)
            .map(line -> line.substring(0, Math.min(300, line.length())));
  }

  /** Ends the child at once and deletes what it wrote. */
  @Override
  public void close() {
    process.destroyForcibly();
    boolean interrupted = false;
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    ProcessFolder.delete(scratch);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
