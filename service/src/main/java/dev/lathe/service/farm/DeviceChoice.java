package dev.lathe.service.farm;

import dev.lathe.runs.MeasurementException;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.FactRow;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Which device a search measures on: settled once, the same after a restart. */
@ApplicationScoped
class DeviceChoice {
  private static final String FACT = "service.device";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  private final Devices devices;

  DeviceChoice(Devices devices) {
    this.devices = devices;
  }

  /**
   * The device of a search; waits a while for its agent to come.
   *
   * @throws MeasurementException if there is none, or if the user has to name one
   */
  DeviceRow of(FarmMeasurements.Request request, Runnable stopCheck) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      stopCheck.run();
      Optional<DeviceRow> device = Transactions.callPatiently(() -> settle(request));
      if (device.isPresent()) {
        return device.get();
      }
      if (System.nanoTime() > end) {
        throw new MeasurementException(
            request
                .device()
                .map(
                    "there is no device '%s'. Maybe start its agent: lathe agent --name %<s"
                        ::formatted)
                .orElse("there is no device. Maybe start an agent: lathe agent --name NAME"));
      }
      try {
        Thread.sleep(LOOK_AGAIN);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new MeasurementException("interrupted while waiting for a device");
      }
    }
  }

  private Optional<DeviceRow> settle(FarmMeasurements.Request request) {
    FactRow fact = FactRow.findById(new FactRow.Key(request.searchId(), FACT));
    if (fact != null) {
      return Optional.of(Devices.get(Long.parseLong(fact.value)));
    }
    Optional<DeviceRow> device =
        replayed(request)
            .or(() -> request.device().isPresent() ? named(request.device().get()) : only());
    device.ifPresent(
        row -> {
          FactRow settled = new FactRow();
          settled.searchId = request.searchId();
          settled.name = FACT;
          settled.value = Long.toString(row.number());
          settled.persist();
        });
    return device;
  }

  private static Optional<DeviceRow> replayed(FarmMeasurements.Request request) {
    return request.replayOf().isEmpty()
        ? Optional.empty()
        : MeasurementRow.<MeasurementRow>find(
                "searchId = ?1 order by id", request.replayOf().getAsLong())
            .firstResultOptional()
            .map(row -> Devices.get(row.deviceId));
  }

  private static Optional<DeviceRow> named(String name) {
    return Devices.named(name);
  }

  /** The present device of this machine, else the only present one. */
  private Optional<DeviceRow> only() {
    List<DeviceRow> present =
        DeviceRow.<DeviceRow>list("order by id").stream().filter(devices::isPresent).toList();
    Optional<DeviceRow> here = present.stream().filter(Devices::isHere).findFirst();
    if (here.isEmpty() && present.size() > 1) {
      throw new MeasurementException(
          "there are several devices: %s. Maybe name one with --device."
              .formatted(present.stream().map(device -> device.name).toList()));
    }
    return here.or(() -> present.stream().findFirst());
  }
}
