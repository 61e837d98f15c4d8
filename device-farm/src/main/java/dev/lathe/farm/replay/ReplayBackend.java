package dev.lathe.farm.replay;

import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Reality;
import dev.lathe.farm.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Gives out recorded measurements: no model is run. Each carries {@code replayed = true} in its
 * environment, so that nobody takes it for a new one.
 */
public final class ReplayBackend implements MeasurementBackend {
  private final Recordings recordings;
  private final DeviceFacts facts;

  /** A back end that replays these recordings. */
  public ReplayBackend(Recordings recordings) {
    this.recordings = recordings;
    this.facts =
        new DeviceFacts(
            ReplayFactory.NAME,
            Reality.PUBLISHED,
            recordings.last().map(Measurement::runtime).orElse("replay 1"),
            Sha256.of(recordings.file().toString().getBytes(StandardCharsets.UTF_8))
                .substring(0, 32),
            recordings
                .last()
                .flatMap(last -> Optional.ofNullable(last.environment().get("processor")))
                .orElse("recorded"),
            0,
            recordings.last().map(Measurement::threads).orElse(1),
            DeviceFacts.ONNX_FORMS,
            List.of("latency", "latency.p90"),
            false,
            Map.of("recordings", recordings.file().toString()));
  }

  @Override
  public DeviceFacts facts() {
    return facts;
  }

  @Override
  public Measurement measure(Path onnx, MeasurementProtocol protocol)
      throws MeasurementFailed, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted before '%s' was replayed".formatted(onnx));
    }
    String sha256 = hash(onnx);
    Optional<Measurement> found = recordings.find(sha256, protocol);
    if (found.isEmpty()) {
      throw new MeasurementFailed(
          FailureKind.MODEL_REFUSED,
          "'%s' holds no measurement of model '%s' (SHA-256 %s) under protocol '%s' at %d threads. Maybe record it first on a live back end."
              .formatted(
                  recordings.file(),
                  onnx.getFileName(),
                  sha256,
                  protocol.name(),
                  protocol.threads()));
    }
    Measurement then = found.get();
    Map<String, String> environment = new TreeMap<>(then.environment());
    environment.put("replayed", "true");
    return Measurement.of(
            then.runtime(),
            then.threads(),
            then.batch(),
            then.warmups(),
            then.protocol(),
            then.samplesMillis(),
            then.sentinelBeforeMillis(),
            then.sentinelAfterMillis(),
            then.startedAt(),
            environment)
        .with(then.figures(), then.verdict());
  }

  static String hash(Path onnx) throws MeasurementFailed {
    try {
      return Sha256.of(Files.readAllBytes(onnx));
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.MODEL_REFUSED,
          "model '%s' cannot be read. Maybe the path is wrong.".formatted(onnx),
          e);
    }
  }

  @Override
  public void close() {}
}
