package dev.lathe.runs.isolated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.farm.Structure;
import dev.lathe.latency.FusedKernels;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.trial.ModelTrial;
import dev.lathe.runs.CompressionRequest;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStopped;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRunner;
import dev.lathe.runs.Tables;
import dev.lathe.runs.stages.StagedSearch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The process that works on models: a task a line of standard input, answered by a line with {@code
 * done} or {@code failed}; a run calls its ports meanwhile.
 */
public final class ModelWork {
  /** Native code recurses over graphs, deeper than usual stacks allow. */
  private static final long BYTES_OF_A_PORTION = 128L << 20;

  private static final long STACK_BYTES = 64L << 20;

  private static final long CHECKPOINT_NANOS = 5_000_000;

  private final Wire wire = new Wire(Path.of(""));
  private final BufferedReader in;
  private final PortCaller caller;
  private final SearchRunner runner;

  private ModelWork(BufferedReader in, PrintStream out, SearchRunner runner) {
    this.in = in;
    this.caller = new PortCaller(wire, in, out);
    this.runner = runner;
  }

  /**
   * Works until its input ends.
   *
   * @param arguments folder of JavaCPP's unpacked libraries; bytes and milliseconds of a model's
   *     trial; folder of decoded images, or nothing
   */
  public static void main(String... arguments) {
    ProcessHandle.current().parent().ifPresent(ModelWork::endWith);
    System.setProperty("org.bytedeco.javacpp.cachedir", arguments[0]);
    PrintStream out = System.out;
    System.setOut(System.err); // what libraries print is no message
    SearchRunner runner =
        new StagedSearch(
            InstantSource.system(),
            Tables.none(),
            arguments.length > 3 ? Optional.of(Path.of(arguments[3])) : Optional.empty(),
            new ModelTrial.Limits(
                Long.parseLong(arguments[1]), Duration.ofMillis(Long.parseLong(arguments[2]))));
    ModelWork work =
        new ModelWork(
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
            out,
            runner);
    new Thread(null, work::serve, "model", STACK_BYTES).start();
  }

  /** Without its parent it must not go on, not even inside a model that never ends. */
  private static void endWith(ProcessHandle parent) {
    Thread.ofPlatform()
        .daemon()
        .name("parent-watch")
        .start(
            () -> {
              parent.onExit().join();
              Runtime.getRuntime().halt(1);
            });
  }

  private void serve() {
    try {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        caller.tell(answer(wire.message(line)));
      }
      System.exit(0);
    } catch (IOException e) {
      System.exit(1);
    }
  }

  private ObjectNode answer(JsonNode task) {
    ObjectNode answer = wire.object();
    try {
      done(answer, task);
    } catch (OutOfMemoryError e) {
      Runtime.getRuntime().halt(3);
    } catch (Throwable e) {
      ObjectNode failed = answer.putObject("failed").put("message", PortCaller.text(e));
      if (e instanceof InvalidSearch invalid) {
        failed.put("field", invalid.field());
      }
    }
    return answer;
  }

  private void done(ObjectNode answer, JsonNode task) throws IOException {
    switch (task.path("task").asText()) {
      case Tasks.PARSE -> {
        OnnxGraph unused = OnnxGraph.parse(content());
        answer.put("done", true);
      }
      case Tasks.STRUCTURE -> answer.put("done", Structure.sha256(OnnxGraph.parse(content())));
      case Tasks.KERNELS ->
          answer.putRawValue(
              "done",
              wire.value(FusedKernels.of(OnnxGraph.parse(content()), 1), ModelReader.KERNELS));
      case Tasks.CHECK -> {
        runner.check(Tasks.request(task));
        answer.put("done", true);
      }
      case Tasks.RUN -> {
        runner.run(
            Tasks.request(task),
            caller.port(RunStore.class),
            measurements(),
            new Checkpoints(caller.port(RunControl.class)),
            Path.of(task.path("workFolder").asText()));
        answer.put("done", true);
      }
      case Tasks.CALIBRATE -> {
        runner.calibrate(
            Tasks.request(task),
            caller.port(RunStore.class),
            measurements(),
            new Checkpoints(caller.port(RunControl.class)),
            Path.of(task.path("workFolder").asText()));
        answer.put("done", true);
      }
      case Tasks.COMPRESS -> {
        runner.compress(
            new CompressionRequest(
                content(),
                task.path("recipe").asText(),
                task.path("data").asText(),
                task.path("seed").asLong(),
                task.path("measured").asBoolean()),
            caller.port(RunStore.class),
            measurements(),
            new Checkpoints(caller.port(RunControl.class)));
        answer.put("done", true);
      }
      default -> throw new IllegalArgumentException("no task: " + task);
    }
  }

  private Measurements measurements() {
    return new Portions(caller.port(Measurements.class), BYTES_OF_A_PORTION);
  }

  private static byte[] content() throws IOException {
    return Files.readAllBytes(Path.of(Tasks.MODEL));
  }

  /** Passes by the other side's checkpoint, but not more often than is of use. */
  private static final class Checkpoints implements RunControl {
    private final RunControl there;
    private long passed = System.nanoTime() - CHECKPOINT_NANOS;

    Checkpoints(RunControl there) {
      this.there = there;
    }

    @Override
    public void checkpoint() throws RunStopped {
      if (System.nanoTime() - passed >= CHECKPOINT_NANOS) {
        there.checkpoint();
        passed = System.nanoTime();
      }
    }
  }
}
