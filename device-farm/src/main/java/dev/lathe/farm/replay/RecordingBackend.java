package dev.lathe.farm.replay;

import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import java.io.IOException;
import java.nio.file.Path;

/** Measures on another back end and records what it finds, for a {@link ReplayBackend} later. */
public final class RecordingBackend implements MeasurementBackend {
  private final MeasurementBackend live;
  private final Recordings recordings;

  /** A back end that records what {@code live} measures; closing it closes {@code live}. */
  public RecordingBackend(MeasurementBackend live, Recordings recordings) {
    this.live = live;
    this.recordings = recordings;
  }

  @Override
  public DeviceFacts facts() {
    return live.facts();
  }

  @Override
  public boolean isThere() throws InterruptedException {
    return live.isThere();
  }

  @Override
  public Measurement measure(Path onnx, MeasurementProtocol protocol)
      throws MeasurementFailed, InterruptedException {
    Measurement measurement = live.measure(onnx, protocol);
    try {
      recordings.add(ReplayBackend.hash(onnx), measurement);
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE,
          "'%s' cannot be added to (%s). Maybe the disk is full."
              .formatted(recordings.file(), e.getMessage()),
          e);
    }
    return measurement;
  }

  @Override
  public void close() {
    live.close();
  }
}
