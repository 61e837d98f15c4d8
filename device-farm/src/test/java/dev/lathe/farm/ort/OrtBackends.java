package dev.lathe.farm.ort;

import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.SentinelHistory;
import java.util.function.UnaryOperator;

/** Back ends on this machine's processor, with a child and limits of a test's own. */
final class OrtBackends {
  private OrtBackends() {}

  static OrtBackend start(ProcessSettings settings) throws MeasurementFailed, InterruptedException {
    return start(settings, MeasurementChild.class);
  }

  static OrtBackend start(ProcessSettings settings, Class<?> childMain)
      throws MeasurementFailed, InterruptedException {
    return OrtBackend.start(
        settings,
        Provider.CPU,
        childMain,
        runtime -> SentinelHistory.inMemory(),
        UnaryOperator.identity());
  }
}
