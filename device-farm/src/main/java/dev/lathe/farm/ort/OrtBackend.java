package dev.lathe.farm.ort;

import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.Reality;
import dev.lathe.farm.SentinelHistory;
import dev.lathe.farm.SentinelModel;
import dev.lathe.farm.Verdict;
import dev.lathe.farm.VerdictRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime on this machine, all graph optimisations on, threads never spinning. One child JVM
 * measures many models; it is replaced when a model brings it down, which is reported as that
 * model's failure.
 *
 * <p>The sentinel network runs before and after. What is not {@link Verdict.Level#STABLE} is taken
 * again within the settings' budget, and the best of the tries is kept with its verdict; only if
 * the sentinel's latency changed by more than {@link ProcessSettings#maxDrift} each time, the
 * measurement is rejected as {@link FailureKind#UNSTABLE}.
 */
public final class OrtBackend implements MeasurementBackend {
  private static final long SEED = 1;

  /** A series as long as this is not taken again more than once for noise. */
  private static final int LONG_MILLIS = 10_000;

  private final ProcessSettings settings;
  private final Provider provider;
  private final Class<?> childMain;
  private final Path sentinel;
  private final SentinelHistory history;
  private final DeviceFacts facts;
  private @Nullable ChildProcess child;

  private OrtBackend(
      ProcessSettings settings,
      Provider provider,
      Class<?> childMain,
      Path sentinel,
      Function<String, SentinelHistory> history,
      UnaryOperator<DeviceFacts> described)
      throws MeasurementFailed, InterruptedException {
    this.settings = settings;
    this.provider = provider;
    this.childMain = childMain;
    this.sentinel = sentinel;
    String runtime = start();
    this.history = history.apply(runtime);
    this.facts = described.apply(hostFacts(provider, runtime));
  }

  /** This machine as a device. */
  private static DeviceFacts hostFacts(Provider provider, String runtime) {
    List<String> metrics =
        new ArrayList<>(List.of("latency", "latency.p90", "coldStart", "throughput"));
    if (Files.isWritable(Path.of("/proc/self/clear_refs"))) {
      metrics.add("peakMemory");
    }
    if (EnergyMeter.ofThisMachine().isPresent()) {
      metrics.add("energy");
    }
    return new DeviceFacts(
        provider.backend(),
        MachineFacts.isEmulated() ? Reality.EMULATED : Reality.REAL,
        runtime,
        MachineFacts.host(),
        MachineFacts.processor(),
        MachineFacts.memoryBytes(),
        Runtime.getRuntime().availableProcessors(),
        DeviceFacts.ONNX_FORMS,
        metrics,
        true,
        MachineFacts.now());
  }

  /**
   * Starts a back end and its child.
   *
   * @param history of the sentinel with a runtime
   * @param described changes what the machine tells into what the device is
   * @throws MeasurementFailed if no child can be started, with the reason
   */
  static OrtBackend start(
      ProcessSettings settings,
      Provider provider,
      Class<?> childMain,
      Function<String, SentinelHistory> history,
      UnaryOperator<DeviceFacts> described)
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
    try {
      return new OrtBackend(settings, provider, childMain, sentinel, history, described);
    } catch (MeasurementFailed | InterruptedException | RuntimeException e) {
      delete(sentinel);
      throw e;
    }
  }

  private String start() throws MeasurementFailed, InterruptedException {
    ChildProcess started;
    try {
      started = ChildProcess.start(childMain, settings, sentinel, provider);
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE,
          "the measuring process cannot be started (%s).".formatted(e.getMessage()),
          e);
    }
    try {
      if (started.receive(settings.timeLimit()) instanceof ChildReply.Ready(String version)) {
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
  public DeviceFacts facts() {
    return facts;
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
    return measureTogether(onnx, protocol, Collections.nCopies(onnx.size(), Map.of()));
  }

  @Override
  public List<Outcome> measureTogether(
      List<Path> onnx, MeasurementProtocol protocol, List<Map<String, long[]>> shapes)
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
    Map<Integer, Measurement> kept = new HashMap<>();
    double drift = 0;
    int noisyRepeats =
        protocol.minMillis() >= LONG_MILLIS
            ? Math.min(1, settings.noisyRepeats())
            : settings.noisyRepeats();
    for (int repeat = 0; repeat <= settings.repeats(); repeat++) {
      Optional<ChildReply.Done> done = untilAnswered(onnx, protocol, shapes, outcomes);
      if (done.isEmpty()) {
        break;
      }
      drift = settle(onnx, protocol, done.get(), repeat, outcomes, kept);
      if (repeat >= noisyRepeats && kept.keySet().containsAll(pending(outcomes))) {
        break;
      }
    }
    for (int i = 0; i < outcomes.size(); i++) {
      Measurement best = kept.get(i);
      if (outcomes.get(i) == null && best != null) {
        outcomes.set(i, new Outcome.Measured(best));
      } else if (outcomes.get(i) == null) {
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
      List<Path> onnx,
      MeasurementProtocol protocol,
      List<Map<String, long[]>> shapes,
      List<@Nullable Outcome> outcomes)
      throws InterruptedException {
    while (true) {
      List<Integer> pending = pending(outcomes);
      if (pending.isEmpty()) {
        return Optional.empty();
      }
      int at = 0;
      try {
        ChildProcess live = live();
        List<String> models = new ArrayList<>();
        for (int i : pending) {
          models.add(live.seen(onnx.get(i)));
        }
        live.send(
            new ChildRequest(models, protocol, SEED, pending.stream().map(shapes::get).toList()));
        Duration silence = settings.timeLimit().plusMillis(2L * protocol.minMillis());
        while (true) {
          switch (live.receive(silence)) {
            case ChildReply.At(int model) -> at = model;
            case ChildReply.Done done -> {
              live.forgetModels();
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

  /**
   * Gives refused models their outcome, and those whose measurement is stable; of the others the
   * better measurement is kept, unless the sentinel drifted.
   *
   * @return the sentinel's drift
   */
  private double settle(
      List<Path> onnx,
      MeasurementProtocol protocol,
      ChildReply.Done done,
      int repeat,
      List<@Nullable Outcome> outcomes,
      Map<Integer, Measurement> kept) {
    double before = done.sentinelBeforeMillis();
    double after = done.sentinelAfterMillis();
    double drift = Math.abs(after - before) / Math.min(before, after);
    OptionalDouble best = history.best();
    history.add(Math.min(before, after));
    List<Integer> pending = pending(outcomes);
    for (int i = 0; i < pending.size(); i++) {
      int model = pending.get(i);
      ChildReply.Series series = done.series().get(i);
      FailureKind failure = series.failure();
      if (failure != null) {
        outcomes.set(
            model,
            new Outcome.Failed(
                failure,
                "model '%s' cannot be run: %s"
                    .formatted(onnx.get(model).getFileName(), series.message())));
      } else if (drift <= settings.maxDrift()) {
        Measurement found = measurement(protocol, done, series, repeat, pending.size(), best);
        kept.merge(model, found, OrtBackend::better);
        if (found.verdict().isStable()) {
          outcomes.set(model, new Outcome.Measured(found));
        }
      }
    }
    return drift;
  }

  /** Of two measurements the one that can be believed more; of equals the earlier. */
  private static Measurement better(Measurement earlier, Measurement later) {
    return later.verdict().isStable() && !earlier.verdict().isStable() ? later : earlier;
  }

  private Measurement measurement(
      MeasurementProtocol protocol,
      ChildReply.Done done,
      ChildReply.Series series,
      int repeat,
      int together,
      OptionalDouble bestSentinel) {
    Map<String, String> environment = new TreeMap<>(MachineFacts.now());
    environment.putAll(done.during().facts());
    environment.put(Measurement.OUTPUT, Measurement.output(series.output()));
    environment.put("pinnedTo", done.pinnedTo());
    environment.put("repeats", Integer.toString(repeat));
    environment.put("stride", Integer.toString(series.stride()));
    environment.put("measuredTogether", Integer.toString(together));
    environment.put("reality", facts.reality().word());
    Map<String, Double> figures = new TreeMap<>();
    figures.put(Measurement.LOAD, series.loadMillis());
    figures.put(Measurement.FIRST_RUN, series.firstRunMillis());
    figures.put(Measurement.COLD_START, series.loadMillis() + series.firstRunMillis());
    Long resident = series.residentBytes();
    if (resident != null) {
      figures.put(Measurement.PEAK_MEMORY, resident / 1e6);
    }
    Double millijoules = series.millijoules();
    if (millijoules != null) {
      figures.put(Measurement.ENERGY, millijoules);
    }
    return Measurement.of(
            facts.runtime(),
            protocol.threads(),
            1,
            series.warmups(),
            protocol.name(),
            series.samplesMillis(),
            done.sentinelBeforeMillis(),
            done.sentinelAfterMillis(),
            done.startedAt(),
            environment)
        .with(
            figures,
            VerdictRules.judge(
                series.samplesMillis(),
                done.sentinelBeforeMillis(),
                done.sentinelAfterMillis(),
                bestSentinel,
                done.during()));
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
    delete(sentinel);
  }

  private static void delete(Path sentinel) {
    try {
      Files.deleteIfExists(sentinel);
    } catch (IOException e) {
      // A few kilobytes in the temporary folder: the system clears them.
      return;
    }
  }
}
