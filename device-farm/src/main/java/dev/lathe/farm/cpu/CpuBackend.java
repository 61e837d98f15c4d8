package dev.lathe.farm.cpu;

import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.SentinelModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime on this machine's processor, all graph optimisations on, threads never spinning. One
 * child JVM measures many models; it is replaced when a model brings it down, which is reported as
 * that model's failure.
 *
 * <p>The sentinel network runs before and after; if its latency changes by more than {@link
 * Settings#maxDrift} meanwhile, the machine was not quiet and the measurement is taken again, a few
 * times, then rejected as {@link FailureKind#UNSTABLE}.
 */
public final class CpuBackend implements MeasurementBackend {
  private static final Duration START_LIMIT = Duration.ofMinutes(1);
  private static final long SEED = 1;

  /**
   * Limits of the measuring process.
   *
   * @param timeLimit for loading and warming up one model; sampling comes on top
   * @param memoryBytes by which a model may let the process grow
   * @param maxDrift of the sentinel, as a share: 0.05 is 5 percent
   * @param repeats how often a measurement that drifted is taken again
   */
  public record Settings(Duration timeLimit, long memoryBytes, double maxDrift, int repeats) {
    public Settings {
      if (!timeLimit.isPositive() || memoryBytes < 1 << 20 || !(maxDrift > 0) || repeats < 0) {
        throw new IllegalArgumentException(
            "a CPU back end needs a positive time limit and drift, at least 1 MiB of memory and repeats ≥ 0, not %s, %s, %d and %d."
                .formatted(timeLimit, maxDrift, memoryBytes, repeats));
      }
    }

    /** Two minutes, four GiB, five percent, five repeats. */
    public static Settings usual() {
      return new Settings(Duration.ofMinutes(2), 4L << 30, 0.05, 5);
    }
  }

  private final Settings settings;
  private final Class<?> childMain;
  private final Path sentinel;
  private final String runtime;
  private @Nullable ChildProcess child;

  private CpuBackend(Settings settings, Class<?> childMain, Path sentinel)
      throws MeasurementFailed, InterruptedException {
    this.settings = settings;
    this.childMain = childMain;
    this.sentinel = sentinel;
    this.runtime = start();
  }

  /**
   * Starts the back end and its child.
   *
   * @throws MeasurementFailed if no child can be started, with the reason
   */
  public static CpuBackend start(Settings settings) throws MeasurementFailed, InterruptedException {
    return start(settings, MeasurementChild.class);
  }

  static CpuBackend start(Settings settings, Class<?> childMain)
      throws MeasurementFailed, InterruptedException {
    Path sentinel;
    try {
      sentinel = Files.createTempFile("lathe-sentinel-", ".onnx");
      Files.write(sentinel, SentinelModel.bytes());
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE,
          "the sentinel model cannot be written (%s). Maybe the temporary folder is full."
              .formatted(e.getMessage()),
          e);
    }
    return new CpuBackend(settings, childMain, sentinel);
  }

  private String start() throws MeasurementFailed, InterruptedException {
    ChildProcess started;
    try {
      started = ChildProcess.start(childMain, settings.memoryBytes(), sentinel);
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE,
          "the measuring process cannot be started (%s).".formatted(e.getMessage()),
          e);
    }
    try {
      if (started.receive(START_LIMIT) instanceof ChildReply.Ready(String version)) {
        child = started;
        return version;
      }
      throw new MeasurementFailed(
          FailureKind.DEVICE, "the measuring process did not say that it is ready.");
    } catch (MeasurementFailed e) {
      started.close();
      throw new MeasurementFailed(
          FailureKind.DEVICE, "the measuring process does not start: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      started.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String runtime() {
    return runtime;
  }

  @Override
  public Measurement measure(Path onnx, MeasurementProtocol protocol)
      throws MeasurementFailed, InterruptedException {
    return switch (measureTogether(List.of(onnx), protocol).getFirst()) {
      case Outcome.Measured(Measurement measurement) -> measurement;
      case Outcome.Failed(FailureKind kind, String message) ->
          throw new MeasurementFailed(kind, message);
    };
  }

  @Override
  public List<Outcome> measureTogether(List<Path> onnx, MeasurementProtocol protocol)
      throws InterruptedException {
    List<@Nullable Outcome> outcomes = new ArrayList<>(Collections.nCopies(onnx.size(), null));
    for (int i = 0; i < onnx.size(); i++) {
      if (!Files.isReadable(onnx.get(i))) {
        outcomes.set(
            i,
            new Outcome.Failed(
                FailureKind.MODEL_REFUSED,
                "model '%s' cannot be read. Maybe the path is wrong.".formatted(onnx.get(i))));
      }
    }
    double drift = 0;
    for (int repeat = 0; repeat <= settings.repeats(); repeat++) {
      Optional<ChildReply.Done> done = untilAnswered(onnx, protocol, outcomes);
      if (done.isEmpty()) {
        return finished(outcomes);
      }
      drift = settle(onnx, protocol, done.get(), repeat, outcomes);
      if (drift <= settings.maxDrift()) {
        return finished(outcomes);
      }
    }
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i) == null) {
        outcomes.set(
            i,
            new Outcome.Failed(
                FailureKind.UNSTABLE,
                "while model '%s' was measured the sentinel drifted by %.1f %%, %d times more than the %.1f %% allowed. Maybe something else runs on this machine."
                    .formatted(
                        onnx.get(i).getFileName(),
                        100 * drift,
                        settings.repeats() + 1,
                        100 * settings.maxDrift())));
      }
    }
    return finished(outcomes);
  }

  /**
   * Asks for all models that have no outcome yet, until a child answers; a model that brings a
   * child down gets its outcome at once. Empty if none is left.
   */
  private Optional<ChildReply.Done> untilAnswered(
      List<Path> onnx, MeasurementProtocol protocol, List<@Nullable Outcome> outcomes)
      throws InterruptedException {
    while (true) {
      List<Integer> pending = pending(outcomes);
      if (pending.isEmpty()) {
        return Optional.empty();
      }
      int at = 0;
      try {
        ChildProcess live = live();
        live.send(
            new ChildRequest(
                pending.stream().map(i -> onnx.get(i).toAbsolutePath().toString()).toList(),
                protocol,
                SEED));
        Duration silence = settings.timeLimit().plusMillis(2L * protocol.minMillis());
        while (true) {
          switch (live.receive(silence)) {
            case ChildReply.At(int model) -> at = model;
            case ChildReply.Done done -> {
              return Optional.of(done);
            }
            case ChildReply.Ready ignored -> {}
          }
        }
      } catch (MeasurementFailed e) {
        abandon();
        if (e.kind() == FailureKind.DEVICE) {
          pending.forEach(i -> outcomes.set(i, Outcome.Failed.of(e)));
        } else {
          int blamed = pending.get(at);
          outcomes.set(
              blamed,
              new Outcome.Failed(
                  e.kind(),
                  "model '%s': %s".formatted(onnx.get(blamed).getFileName(), e.getMessage())));
        }
      } catch (InterruptedException e) {
        abandon();
        throw e;
      }
    }
  }

  /** Gives refused models their outcome, and the others too unless the sentinel drifted. */
  private double settle(
      List<Path> onnx,
      MeasurementProtocol protocol,
      ChildReply.Done done,
      int repeat,
      List<@Nullable Outcome> outcomes) {
    double before = done.sentinelBeforeMillis();
    double after = done.sentinelAfterMillis();
    double drift = Math.abs(after - before) / Math.min(before, after);
    List<Integer> pending = pending(outcomes);
    for (int i = 0; i < pending.size(); i++) {
      ChildReply.Series series = done.series().get(i);
      FailureKind failure = series.failure();
      if (failure != null) {
        outcomes.set(
            pending.get(i),
            new Outcome.Failed(
                failure,
                "model '%s' cannot be run: %s"
                    .formatted(onnx.get(pending.get(i)).getFileName(), series.message())));
      } else if (drift <= settings.maxDrift()) {
        Map<String, String> environment = new TreeMap<>(MachineFacts.now());
        environment.put("pinnedTo", done.pinnedTo());
        environment.put("repeats", Integer.toString(repeat));
        environment.put("stride", Integer.toString(series.stride()));
        environment.put("measuredTogether", Integer.toString(pending.size()));
        Long resident = series.residentBytes();
        if (resident != null) {
          environment.put(Measurement.RESIDENT_BYTES, Long.toString(resident));
        }
        Double millijoules = series.millijoules();
        if (millijoules != null) {
          environment.put(Measurement.MILLIJOULES, Double.toString(millijoules));
        }
        outcomes.set(
            pending.get(i),
            new Outcome.Measured(
                Measurement.of(
                    runtime,
                    protocol.threads(),
                    1,
                    series.warmups(),
                    protocol.name(),
                    series.samplesMillis(),
                    before,
                    after,
                    done.startedAt(),
                    environment)));
      }
    }
    return drift;
  }

  private static List<Integer> pending(List<@Nullable Outcome> outcomes) {
    List<Integer> pending = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i) == null) {
        pending.add(i);
      }
    }
    return pending;
  }

  private static List<Outcome> finished(List<@Nullable Outcome> outcomes) {
    List<Outcome> all = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      if (outcome != null) {
        all.add(outcome);
      }
    }
    return List.copyOf(all);
  }

  private ChildProcess live() throws MeasurementFailed, InterruptedException {
    ChildProcess current = child;
    if (current == null || !current.isAlive()) {
      abandon();
      start();
      current = child;
    }
    if (current == null) {
      throw new IllegalStateException("a child that started is there");
    }
    return current;
  }

  private void abandon() {
    ChildProcess current = child;
    child = null;
    if (current != null) {
      current.close();
    }
  }

  @Override
  public void close() {
    abandon();
    try {
      Files.deleteIfExists(sentinel);
    } catch (IOException e) {
      // A few kilobytes in the temporary folder: the system clears them.
      return;
    }
  }
}
