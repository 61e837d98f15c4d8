package dev.lathe.runs.isolated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.runs.DeviceRecord;
import dev.lathe.runs.MeasurementException;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStopped;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.RunStoreContract;
import dev.lathe.runs.stages.MemoryStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run's ports, called from afar, keep what they promise. */
class PortsTest extends RunStoreContract {
  @TempDir Path folder;
  private final List<String> events = new ArrayList<>();
  private final MemoryStore memory = new MemoryStore();
  private Optional<RuntimeException> refusal = Optional.empty();
  private Duration silence = Duration.ofSeconds(20);
  private Predicate<PredictorRecord> own = _ -> true;
  private Optional<RunStopped.Reason> stop = Optional.empty();
  private PortCaller caller;
  private CompletableFuture<Void> served;

  /** Both ends, in this process. */
  private void connect() {
    if (caller != null) {
      return;
    }
    BlockingQueue<String> fromCaller = new LinkedBlockingQueue<>();
    PipedWriter toCaller = new PipedWriter();
    BufferedReader in;
    try {
      in = new BufferedReader(new PipedReader(toCaller, 1 << 20));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    PrintStream out =
        new PrintStream(java.io.OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8) {
          @Override
          public void println(String line) {
            fromCaller.add(line);
          }
        };
    Lines lines =
        new Lines() {
          @Override
          public void send(String line) {
            try {
              toCaller.write(line + "\n");
              toCaller.flush();
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          }

          @Override
          public Optional<String> read(Duration time) throws InterruptedException {
            return Optional.ofNullable(fromCaller.poll(time.toMillis(), TimeUnit.MILLISECONDS));
          }
        };
    caller = new PortCaller(new Wire(folder), in, out);
    PortServer server =
        new PortServer(lines, new Wire(folder), memory, new Device(), new Control(), silence, own);
    served = CompletableFuture.runAsync(server::serve);
  }

  @Override
  protected RunStore store() {
    connect();
    return caller.port(RunStore.class);
  }

  @AfterEach
  void end() {
    if (caller != null && !served.isDone()) {
      caller.tell(new Wire(folder).object().put("done", true));
      served.join();
    }
  }

  private final class Control implements RunControl {
    @Override
    public void checkpoint() {
      events.add("checkpoint");
      refusal.ifPresent(
          e -> {
            throw e;
          });
    }

    @Override
    public Optional<RunStopped.Reason> stopRequested() {
      return stop;
    }
  }

  private final class Device implements Measurements {
    @Override
    public List<DeviceRecord> devices() {
      if (refusal.isPresent()) {
        throw refusal.get();
      }
      return List.of(new DeviceRecord(4, "far", "test", "test 1", 2, "law"));
    }

    @Override
    public List<MeasurementOutcome> measure(List<MeasurementRequest> requests, Progress progress) {
      List<MeasurementOutcome> outcomes = new ArrayList<>();
      for (MeasurementRequest of : requests) {
        outcomes.add(
            of.model().length == 0
                ? new MeasurementOutcome.Failed(of.key(), "crashed", "empty")
                : new MeasurementOutcome.Measured(
                    of.key(),
                    7,
                    of.device(),
                    "test 1",
                    2,
                    1,
                    of.protocol(),
                    List.of(1.5, (double) of.model()[0]),
                    1,
                    2,
                    3,
                    0.5,
                    1,
                    1,
                    Map.of("energy", 3.0)));
        progress.at(outcomes.size(), requests.size());
      }
      return outcomes;
    }
  }

  @Test
  void measurements_comeBack_andTellTheirProgressMeanwhile() {
    RunStore store = store();
    Measurements measurements = caller.port(Measurements.class);
    List<MeasurementOutcome> outcomes =
        measurements.measure(
            List.of(
                new MeasurementRequest("a", "far", new byte[] {9, 1}, "int8", "quick"),
                new MeasurementRequest("b", "far", new byte[0], "int8", "quick")),
            (done, of) -> store.progress("measuring", done / (double) of, "told"));
    assertThat(outcomes)
        .satisfiesExactly(
            first ->
                assertThat(((MeasurementOutcome.Measured) first).samplesMillis())
                    .containsExactly(1.5, 9.0),
            second ->
                assertThat(second)
                    .isEqualTo(new MeasurementOutcome.Failed("b", "crashed", "empty")));
    assertThat(memory.fraction()).isEqualTo(1);
    assertThat(measurements.device().name()).isEqualTo("far");
  }

  @Test
  void stop_isThrownOnBothSides() {
    refusal = Optional.of(new RunStopped(RunStopped.Reason.PAUSED));
    connect();
    assertThatThrownBy(() -> caller.port(RunControl.class).checkpoint())
        .isInstanceOfSatisfying(
            RunStopped.class, e -> assertThat(e.reason()).isEqualTo(RunStopped.Reason.PAUSED));
    caller.port(RunStore.class).fact("saved", "1"); // as a run does before it ends
    fail("the run is stopped: paused");
    assertThatThrownBy(() -> served.join()).hasCauseInstanceOf(RunStopped.class);
    assertThat(memory.fact("saved")).contains("1");
  }

  @Test
  void failureOfAPort_isWhatTheRunFailsBy() {
    MeasurementException none = new MeasurementException("there is no device");
    refusal = Optional.of(none);
    connect();
    assertThatThrownBy(() -> caller.port(Measurements.class).devices())
        .isInstanceOf(MeasurementException.class)
        .hasMessage("there is no device");
    fail("there is no device");
    assertThatThrownBy(() -> served.join()).hasCause(none);
  }

  @Test
  void cancelledRun_isNotWaitedFor() {
    stop = Optional.of(RunStopped.Reason.CANCELLED);
    connect();
    assertThatThrownBy(() -> served.join()).hasCauseInstanceOf(RunStopped.class);
  }

  @Test
  void whatNoRunAsks_isRefused() {
    connect();
    caller.tell(new Wire(folder).object().put("port", "RunStore").put("call", "getClass/0"));
    assertThatThrownBy(() -> served.join())
        .hasCauseInstanceOf(ModelFailure.class)
        .hasMessageContaining("what no run asks");
  }

  @Test
  void predictorOfAnotherRun_isRefused_andNotKept() {
    own = predictor -> predictor.device().equals("here");
    connect();
    PredictorRecord foreign =
        new PredictorRecord(
            "elsewhere", "float32", "latency", "linear", 9, 3, 1, 0, 1, 1, 2, "{}", "{}", "s@1");
    var call = new Wire(folder).object().put("port", "RunStore").put("call", "predictor/1");
    call.putArray("arguments").addRawValue(new Wire(folder).value(foreign, PredictorRecord.class));
    caller.tell(call);
    assertThatThrownBy(() -> served.join())
        .hasCauseInstanceOf(ModelFailure.class)
        .hasMessageContaining("'s@1' on 'elsewhere'");
    assertThat(memory.predictors()).isEmpty();
  }

  @Test
  void silence_isAnEnd() {
    silence = Duration.ofMillis(300);
    connect();
    assertThatThrownBy(() -> served.join())
        .hasCauseInstanceOf(ModelFailure.class)
        .hasMessageContaining("gave no sign");
  }

  private void fail(String message) {
    var failed = new Wire(folder).object();
    failed.putObject("failed").put("message", message);
    caller.tell(failed);
  }
}
