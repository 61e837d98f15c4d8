package dev.lathe.service.farm;

import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementProtocol;
import java.util.Optional;

/**
 * Whether a measurement is the one that was asked for: its figures would otherwise stand beside
 * others that were taken in another way.
 *
 * @param asked how the job is to be measured
 * @param runtime that the device registered with
 * @param maxDrift of the sentinel, as a share of the smaller reading
 */
record ResultCheck(MeasurementProtocol asked, String runtime, double maxDrift) {
  private static final int BATCH = 1;

  /** Why a measurement is not recorded. */
  record Misfit(FailureKind kind, String reason) {}

  /** What does not fit; empty if all does. */
  Optional<Misfit> misfit(Measurement found) {
    if (!found.protocol().equals(asked.name())) {
      return other("protocol", found.protocol(), asked.name());
    }
    if (found.threads() != asked.threads()) {
      return other("threads", found.threads(), asked.threads());
    }
    if (found.batch() != BATCH) {
      return other("batch", found.batch(), BATCH);
    }
    if (!found.runtime().equals(runtime)) {
      return other("runtime", found.runtime(), runtime);
    }
    int samples = found.samplesMillis().length;
    if (samples < asked.minSamples()) {
      return Optional.of(
          new Misfit(
              FailureKind.DEVICE,
              "the measurement has %d samples, protocol '%s' asks for at least %d."
                  .formatted(samples, asked.name(), asked.minSamples())));
    }
    if (found.drift() > maxDrift) {
      return Optional.of(
          new Misfit(
              FailureKind.UNSTABLE,
              "the sentinel drifted by %.1f %% while it was measured, more than the %.1f %% allowed."
                  .formatted(100 * found.drift(), 100 * maxDrift)));
    }
    return Optional.empty();
  }

  private static Optional<Misfit> other(String what, Object found, Object asked) {
    return Optional.of(
        new Misfit(
            FailureKind.DEVICE,
            "the measurement's %s is '%s', the job asks for '%s'.".formatted(what, found, asked)));
  }
}
