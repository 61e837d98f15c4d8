package dev.lathe.service.rest;

import dev.lathe.farm.device.Health;
import dev.lathe.farm.lease.JobState;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.farm.Devices;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.JobRow;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.Transactions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The devices of the farm. */
@Path("/api/v1/devices")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class DeviceResource {
  private final Devices devices;

  DeviceResource(Devices devices) {
    this.devices = devices;
  }

  /**
   * A device.
   *
   * @param state {@code offline}, {@code measuring} or {@code idle}: what it does, apart from its
   *     health
   * @param here whether it is a part of the service's machine
   * @param threads that its machine offers
   * @param measuredThreads of the runtime, with which it measures
   * @param reality {@code real}, {@code emulated}, {@code simulated} or {@code published}
   * @param forms that it runs
   * @param metrics that it reports
   * @param quietHost whether its host must do nothing else while it measures
   * @param facts whatever else it tells
   * @param verdicts how many of its newest measurements were judged how
   */
  public record DeviceView(
      String id,
      String name,
      String backend,
      String runtime,
      String processor,
      int threads,
      int measuredThreads,
      long memoryBytes,
      String version,
      String state,
      Health health,
      String healthReason,
      boolean here,
      String reality,
      List<String> forms,
      List<String> metrics,
      boolean quietHost,
      Map<String, String> facts,
      Map<String, Long> verdicts,
      long waitingJobs,
      long measurements,
      Instant registeredAt,
      Instant lastSeenAt) {}

  /** A person's decision about a device. */
  public record HealthChange(@Nullable Health health, @Nullable String reason) {}

  /** All devices, by name. */
  @GET
  @Requires(Scope.VIEWER)
  public List<DeviceView> list() {
    return Transactions.call(() -> Devices.all("name").stream().map(this::view).toList());
  }

  /** A device. */
  @GET
  @Path("{id}")
  @Requires(Scope.VIEWER)
  public DeviceView get(@RestPath long id) {
    return Transactions.call(
        () ->
            DeviceRow.<DeviceRow>findByIdOptional(id)
                .filter(row -> row.removedAt == null)
                .map(this::view)
                .orElseThrow(() -> Problem.notFound("there is no device %d.".formatted(id))));
  }

  /** Takes a device out, or back in. */
  @PATCH
  @Path("{id}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Requires(Scope.ADMIN)
  public DeviceView change(@RestPath long id, HealthChange change) {
    if (change.health() == null) {
      throw Problem.invalid("health", "health is missing. Maybe GOOD or MAINTENANCE.");
    }
    DeviceRow row =
        devices.setHealth(
            id, change.health(), Objects.requireNonNullElse(change.reason(), "set by a person"));
    return Transactions.call(() -> view(row));
  }

  /** Takes a device off the list whose agent is gone; what it measured stays with the runs. */
  @DELETE
  @Path("{id}")
  @Requires(Scope.ADMIN)
  public void remove(@RestPath long id) {
    devices.remove(id);
  }

  /**
   * What a device measured lately, newest first: the sentinel before and after, and each verdict
   * with its reason.
   *
   * @param size at most so many, 1 to 500
   */
  @GET
  @Path("{id}/history")
  @Requires(Scope.VIEWER)
  public List<DeviceHistory.Entry> history(
      @RestPath long id, @RestQuery @DefaultValue("100") int size) {
    return Transactions.call(
        () -> {
          get(id);
          return DeviceHistory.of(id, Math.clamp(size, 1, 500));
        });
  }

  /** What waits for a device and what it measures now, oldest first, with the attempts. */
  @GET
  @Path("{id}/queue")
  @Requires(Scope.VIEWER)
  public DeviceQueue queue(@RestPath long id) {
    return Transactions.call(
        () -> {
          get(id);
          return DeviceQueue.of(id);
        });
  }

  private DeviceView view(DeviceRow row) {
    boolean measures =
        JobRow.count("deviceId = ?1 and state = ?2", row.number(), JobState.LEASED) > 0;
    return new DeviceView(
        Long.toString(row.number()),
        row.name,
        row.backend,
        row.runtime,
        row.processor,
        row.threads,
        row.measuredThreads,
        row.memoryBytes,
        row.version,
        measures ? "measuring" : devices.isPresent(row) ? "idle" : "offline",
        row.health,
        row.healthReason,
        Devices.isHere(row),
        row.reality,
        row.forms,
        row.metrics,
        row.quietHost,
        row.facts,
        DeviceHistory.verdicts(row.number()),
        JobRow.count("deviceId = ?1 and state = ?2", row.number(), JobState.PENDING),
        MeasurementRow.count("deviceId", row.number()),
        row.registeredAt,
        row.lastSeenAt);
  }
}
