package dev.lathe.service.farm;

import dev.lathe.runs.MeasurementException;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.FactRow;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Which devices a search measures on: settled once, the same after a restart. */
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
   * The devices of a search; waits a while for their agents to come.
   *
   * @throws MeasurementException if there is none, or if the user has to name one
   */
  List<DeviceRow> of(FarmMeasurements.Request request, Runnable stopCheck) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      stopCheck.run();
      List<DeviceRow> settled = Transactions.callPatiently(() -> settle(request));
      if (!settled.isEmpty()) {
        return settled;
      }
      if (System.nanoTime() > end) {
        throw new MeasurementException(
            request.devices().isEmpty()
                ? "there is no device. Maybe start an agent: lathe agent --server URL --key-file FILE --name NAME"
                : "not all of the devices %s are there. Maybe start their agents: lathe agent --server URL --key-file FILE --name NAME"
                    .formatted(request.devices()));
      }
      try {
        Thread.sleep(LOOK_AGAIN);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new MeasurementException("interrupted while waiting for a device");
      }
    }
  }

  private List<DeviceRow> settle(FarmMeasurements.Request request) {
    FactRow fact = FactRow.findById(new FactRow.Key(request.searchId(), FACT));
    if (fact != null) {
      return Arrays.stream(fact.value.split(","))
          .map(id -> Devices.get(Long.parseLong(id)))
          .toList();
    }
    List<DeviceRow> chosen = chosen(request);
    if (!chosen.isEmpty()) {
      FactRow settled = new FactRow();
      settled.searchId = request.searchId();
      settled.name = FACT;
      settled.value =
          chosen.stream().map(row -> Long.toString(row.number())).collect(Collectors.joining(","));
      settled.persist();
    }
    return chosen;
  }

  private List<DeviceRow> chosen(FarmMeasurements.Request request) {
    if (request.replayOf().isPresent()) {
      List<DeviceRow> replayed = replayed(request.replayOf().getAsLong());
      if (!replayed.isEmpty()) {
        return replayed;
      }
    }
    if (request.devices().isEmpty()) {
      return devices.usual().stream().toList();
    }
    List<DeviceRow> named =
        request.devices().stream().flatMap(name -> Devices.named(name).stream()).toList();
    return named.size() == request.devices().size() ? named : List.of();
  }

  private static List<DeviceRow> replayed(long searchId) {
    FactRow fact = FactRow.findById(new FactRow.Key(searchId, FACT));
    if (fact != null) {
      return Arrays.stream(fact.value.split(","))
          .map(id -> Devices.get(Long.parseLong(id)))
          .toList();
    }
    return MeasurementRow.<MeasurementRow>find("searchId = ?1 order by id", searchId)
        .firstResultOptional()
        .map(row -> Devices.get(row.deviceId))
        .stream()
        .toList();
  }
}
