package dev.lathe.farm.ort;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.farm.Circumstances;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.message.FarmJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The process that measures. It reads one {@link ChildRequest} a line from standard input and
 * writes {@link ChildReply} lines to standard output until the input ends.
 */
final class MeasurementChild {
  private static final int ROUNDS = 6;
  private static final int ROUND_MILLIS = 100;

  /** Timed like a job, so that its median is one. */
  private static final MeasurementProtocol SENTINEL =
      new MeasurementProtocol("sentinel", 1, 10, 64, 5);

  /** What the sentinel took so short a time ago still holds. */
  private static final long SENTINEL_HOLDS_NANOS = 150_000_000L;

  /** The just-in-time compiler has done its work on the timing loop after so many runs. */
  private static final int COMPILED_AFTER = 12_000;

  /** On a slow machine it need not have, at first. */
  private static final long COMPILED_NANOS = 1_000_000_000L;

  private final ObjectMapper mapper = FarmJson.mapper();
  private final OrtEnvironment environment;
  private final PrintStream out;
  private final List<Integer> cores = NativeLimits.allowedCores();
  private final Optional<EnergyMeter> meter = EnergyMeter.ofThisMachine();
  private final Provider provider;
  private final LoadedModel sentinel;
  private long sentinelAt;
  private double sentinelMillis;

  private MeasurementChild(
      OrtEnvironment environment, Provider provider, LoadedModel sentinel, PrintStream out) {
    this.environment = environment;
    this.provider = provider;
    this.sentinel = sentinel;
    this.out = out;
  }

  /**
   * Runs the child.
   *
   * @param arguments the bytes by which its memory may grow; the path of the sentinel model; the
   *     name of the {@link Provider}
   */
  public static void main(String... arguments) throws IOException {
    NativeLimits.firstToGo();
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "lathe");
    List<Integer> cores = NativeLimits.allowedCores();
    NativeLimits.pin(cores.subList(Math.max(0, cores.size() - 1), cores.size()));
    Provider provider = Provider.valueOf(arguments[2]);
    LoadedModel sentinel = sentinel(environment, provider, arguments[1]);
    if (provider == Provider.CPU) {
      // A GPU's driver reserves address space that it never fills.
      NativeLimits.limitMemory(Long.parseLong(arguments[0]));
    }
    endWithParent();
    PrintStream out = System.out;
    System.setOut(System.err);
    new MeasurementChild(environment, provider, sentinel, out).serve();
  }

  /** A child whose parent was killed must not go on, not even inside a model that never ends. */
  private static void endWithParent() {
    Optional<ProcessHandle> parent = ProcessHandle.current().parent();
    Thread.ofPlatform()
        .daemon()
        .name("parent-watch")
        .start(
            () -> {
              while (ProcessHandle.current().parent().equals(parent)) {
                LockSupport.parkNanos(1_000_000_000L);
              }
              Runtime.getRuntime().halt(1);
            });
  }

  private void serve() throws IOException {
    write(new ChildReply.Ready("onnxruntime " + environment.getVersion()));
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        write(answer(mapper.readValue(line, ChildRequest.class)));
      }
    }
  }

  private ChildReply.Done answer(ChildRequest request) {
    try {
      return measure(request);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot run the sentinel", e);
    }
  }

  private ChildReply.Done measure(ChildRequest request) throws OrtException {
    int threads = request.protocol().threads();
    List<Turn> turns = new ArrayList<>();
    try {
      List<Integer> pinned = cores.subList(Math.max(0, cores.size() - threads), cores.size());
      boolean isPinned = NativeLimits.pin(pinned);
      for (int i = 0; i < request.models().size(); i++) {
        at(i);
        turns.add(Turn.open(environment, provider, request, i));
      }
      System.gc();
      boolean holds = sentinelMillis > 0 && System.nanoTime() - sentinelAt < SENTINEL_HOLDS_NANOS;
      double before = holds ? sentinelMillis : sentinelMillis();
      Instant startedAt = Instant.now();
      turns.forEach(turn -> turn.play(Sampler::warmUp));
      int rounds = Math.max(ROUNDS, request.protocol().minMillis() / ROUND_MILLIS);
      Optional<EnergyMeter.Reading> energy =
          turns.size() == 1 ? meter.map(EnergyMeter::read) : Optional.empty();
      CircumstanceWatch watch = CircumstanceWatch.begin(pinned);
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < turns.size(); i++) {
          if (turns.size() > 1) {
            at(i);
            turns.get(i).play(Sampler::settle);
          }
          turns.get(i).play(sampler -> sampler.round(rounds));
        }
        watch.look();
      }
      Circumstances during = watch.end();
      energy.ifPresent(begun -> turns.getFirst().took(begun.millijoules()));
      double after = sentinelMillis();
      turns.forEach(Turn::look);
      return new ChildReply.Done(
          turns.stream().map(Turn::series).toList(),
          before,
          after,
          startedAt,
          isPinned ? pinned.toString() : "none",
          during);
    } finally {
      turns.forEach(Turn::close);
    }
  }

  /** Opens the sentinel and runs it until the just-in-time compiler has done its work. */
  private static LoadedModel sentinel(OrtEnvironment environment, Provider provider, String path) {
    try {
      LoadedModel sentinel = LoadedModel.open(environment, provider, path, 1, 1, Map.of());
      long start = System.nanoTime();
      for (int i = 0; i < COMPILED_AFTER && System.nanoTime() - start < COMPILED_NANOS; i++) {
        sentinel.timedRun();
      }
      return sentinel;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot run the sentinel", e);
    }
  }

  private double sentinelMillis() throws OrtException {
    Sampler sampler = new Sampler(sentinel, SENTINEL);
    sampler.warmUp();
    sampler.round(1);
    sentinelMillis = sampler.medianMillis();
    sentinelAt = System.nanoTime();
    return sentinelMillis;
  }

  private void at(int model) {
    write(new ChildReply.At(model));
  }

  private void write(ChildReply reply) {
    try {
      out.println(mapper.writerFor(ChildReply.class).writeValueAsString(reply));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a reply cannot be written as JSON", e);
    }
    out.flush();
  }

  /** One model of a request, until it fails. */
  private static final class Turn {
    private interface Step {
      void run(Sampler sampler) throws OrtException;
    }

    private @Nullable LoadedModel model;
    private @Nullable Sampler sampler;
    private double[] output = {};
    private @Nullable Long residentBytes;
    private @Nullable Double millijoules;
    private @Nullable FailureKind failure;
    private @Nullable String message;

    static Turn open(
        OrtEnvironment environment, Provider provider, ChildRequest request, int index) {
      Turn turn = new Turn();
      NativeLimits.trim();
      OptionalLong before = ResidentMemory.begin();
      try {
        LoadedModel model =
            LoadedModel.open(
                environment,
                provider,
                request.models().get(index),
                request.protocol().threads(),
                request.seed(),
                request.shapes().get(index));
        turn.model = model;
        ResidentMemory.growth(before).ifPresent(bytes -> turn.residentBytes = bytes);
        turn.sampler = new Sampler(model, request.protocol());
      } catch (OrtException | IllegalArgumentException | ArithmeticException e) {
        turn.failed(e);
      }
      return turn;
    }

    void play(Step step) {
      if (sampler == null || failure != null) {
        return;
      }
      try {
        step.run(sampler);
      } catch (OrtException e) {
        failed(e);
      }
    }

    private void failed(Exception e) {
      String text = String.valueOf(e.getMessage());
      String lower = text.toLowerCase(Locale.ROOT);
      failure =
          lower.contains("bad_alloc") || lower.contains("failed to allocate memory")
              ? FailureKind.OUT_OF_MEMORY
              : FailureKind.MODEL_REFUSED;
      message = text;
    }

    /** Notes what the model computed. */
    void look() {
      if (model == null || failure != null) {
        return;
      }
      try {
        output = model.output();
      } catch (OrtException e) {
        failed(e);
      }
    }

    /** Notes what the processor took for all timed runs. */
    void took(double millijoulesOfAll) {
      if (sampler != null && sampler.timed() > 0) {
        millijoules = millijoulesOfAll / sampler.timed();
      }
    }

    ChildReply.Series series() {
      return model == null || sampler == null || failure != null
          ? new ChildReply.Series(
              0, 1, new double[0], new double[0], 0, 0, null, null, failure, message)
          : new ChildReply.Series(
              sampler.warmups(),
              sampler.stride(),
              sampler.samplesMillis(),
              output,
              model.loadMillis(),
              model.firstRunMillis(),
              residentBytes,
              millijoules,
              null,
              null);
    }

    void close() {
      if (model != null) {
        model.close();
      }
    }
  }
}
