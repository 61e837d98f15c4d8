package dev.lathe.farm.replay;

import dev.lathe.farm.BackendFactory;
import dev.lathe.farm.BackendOption;
import dev.lathe.farm.BackendSettings;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code replay}: measurements that another device recorded, given out again. */
public final class ReplayFactory implements BackendFactory {
  static final String NAME = "replay";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "measurements that an agent recorded with --record, given out again";
  }

  @Override
  public List<BackendOption> options() {
    return List.of(new BackendOption("recordings", "", "file that --record wrote"));
  }

  @Override
  public MeasurementBackend open(BackendSettings settings) throws MeasurementFailed {
    Path file = settings.path("recordings");
    try {
      return new ReplayBackend(Recordings.open(file));
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE, "recordings '%s': %s".formatted(file, e.getMessage()), e);
    }
  }
}
