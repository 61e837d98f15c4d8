package dev.lathe.service.farm;

import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.Reality;
import dev.lathe.farm.device.DeviceHealth;
import dev.lathe.farm.device.Health;
import dev.lathe.farm.lease.JobState;
import dev.lathe.farm.message.AgentRegistration;
import dev.lathe.farm.ort.MachineFacts;
import dev.lathe.runs.MeasurementException;
import dev.lathe.service.access.ApiKeyRow;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.JobRow;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The devices that agents speak for. */
@ApplicationScoped
public class Devices {
  /** An agent that was not heard of for longer is taken to be away. */
  public static final Duration PRESENCE = Duration.ofSeconds(60);

  private static final String THIS_MACHINE = MachineFacts.host();

  private final InstantSource clock;

  Devices(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Registers an agent's device, or notes what has changed with it. The key that registers a device
   * first speaks for it from then on.
   *
   * @throws FarmRefusal if the key speaks for another device alone, or another key or another
   *     machine for this one
   */
  public DeviceRow register(AgentRegistration agent, ApiKeyRow key) {
    return Transactions.call(
        () -> {
          DeviceRow row =
              DeviceRow.<DeviceRow>find("name", agent.name())
                  .withLock(LockModeType.PESSIMISTIC_WRITE)
                  .firstResult();
          boolean fresh = row == null;
          row = fresh ? new DeviceRow() : row;
          requireMayBe(agent, key, fresh ? Optional.empty() : Optional.of(row));
          row.apiKeyId = key.id;
          row.name = agent.name();
          row.backend = agent.backend();
          row.host = agent.host();
          row.runtime = agent.runtime();
          row.threads = agent.threads();
          row.processor = agent.processor();
          row.memoryBytes = agent.memoryBytes();
          row.version = agent.version();
          row.reality = Objects.requireNonNullElse(agent.reality(), Reality.REAL.word());
          row.forms = Objects.requireNonNullElse(agent.forms(), DeviceFacts.ONNX_FORMS);
          row.metrics = Objects.requireNonNullElse(agent.metrics(), List.of("latency"));
          row.quietHost = !Boolean.FALSE.equals(agent.quietHost());
          row.measuredThreads = Objects.requireNonNullElse(agent.measuredThreads(), 1);
          row.facts = Objects.requireNonNullElse(agent.facts(), Map.of());
          row.lastSeenAt = clock.instant();
          if (fresh || row.removedAt != null) {
            row.registeredAt = clock.instant();
            row.removedAt = null;
            set(row, DeviceHealth.good());
          }
          if (fresh) {
            row.persist();
          }
          return row;
        });
  }

  private void requireMayBe(AgentRegistration agent, ApiKeyRow key, Optional<DeviceRow> known) {
    known.ifPresent(row -> requireSpeaks(key, row));
    if (known.isPresent() && isPresent(known.get()) && !known.get().host.equals(agent.host())) {
      throw new FarmRefusal(
          FarmRefusal.Kind.CONFLICT,
          "another machine is device '%s' at this moment. Maybe choose another --name."
              .formatted(agent.name()));
    }
    boolean bound =
        !key.oneDevice
            || ApiKeyRow.update(
                    "device = ?1 where id = ?2 and (device is null or device = ?1)",
                    agent.name(),
                    key.id)
                > 0;
    if (!bound) {
      throw new FarmRefusal(
          FarmRefusal.Kind.FORBIDDEN,
          "this key speaks for another device than '%s', and for no second one. Maybe enrol this one: lathe device enrol %s"
              .formatted(agent.name(), agent.name()));
    }
  }

  /**
   * Fails unless the key speaks for the device; one that nobody speaks for takes any.
   *
   * @throws FarmRefusal if another key does
   */
  static void requireSpeaks(ApiKeyRow key, DeviceRow row) {
    if (row.apiKeyId != null && !row.apiKeyId.equals(key.id)) {
      throw new FarmRefusal(
          FarmRefusal.Kind.CONFLICT,
          "another key speaks for device '%s'. Maybe choose another --name, or let this machine take its place: lathe device enrol %s"
              .formatted(row.name, row.name));
    }
  }

  /**
   * The device, whose agent is there.
   *
   * @throws FarmRefusal if another key speaks for it
   */
  public DeviceRow heardOf(long deviceId, ApiKeyRow key) {
    return Transactions.call(
        () -> {
          DeviceRow row = get(deviceId);
          requireSpeaks(key, row);
          row.apiKeyId = key.id;
          row.lastSeenAt = clock.instant();
          return row;
        });
  }

  /** The device, within a transaction. */
  static DeviceRow get(long deviceId) {
    return DeviceRow.<DeviceRow>findByIdOptional(deviceId)
        .filter(row -> row.removedAt == null)
        .orElseThrow(
            () ->
                new FarmRefusal(
                    FarmRefusal.Kind.UNKNOWN,
                    "there is no device %d. Maybe register the agent again.".formatted(deviceId)));
  }

  /** The device, within a transaction until whose end nobody else changes it. */
  static DeviceRow locked(long deviceId) {
    DeviceRow row = get(deviceId);
    DeviceRow.getEntityManager().refresh(row, LockModeType.PESSIMISTIC_WRITE);
    return row;
  }

  /** The device of that name. */
  static Optional<DeviceRow> named(String name) {
    return DeviceRow.<DeviceRow>find("name = ?1 and removedAt is null", name).firstResultOptional();
  }

  /** Whether the device's agent was heard of lately. */
  public boolean isPresent(DeviceRow row) {
    return row.lastSeenAt.plus(PRESENCE).isAfter(clock.instant());
  }

  /**
   * The device that is meant where none is named: the present one of this machine, else the only
   * present one; empty if none is present. Within a transaction.
   *
   * @throws MeasurementException if the user has to name one
   */
  public Optional<DeviceRow> usual() {
    List<DeviceRow> present = all("id").stream().filter(this::isPresent).toList();
    Optional<DeviceRow> here = present.stream().filter(Devices::isHere).findFirst();
    if (here.isEmpty() && present.size() > 1) {
      throw new MeasurementException(
          "there are several devices: %s. Maybe name one with --device."
              .formatted(present.stream().map(device -> device.name).toList()));
    }
    return here.or(() -> present.stream().findFirst());
  }

  /** All devices that were not removed, in the order of a column; within a transaction. */
  public static List<DeviceRow> all(String column) {
    return DeviceRow.list("removedAt is null order by " + column);
  }

  /**
   * Takes a device off the list. What it measured stays; it comes back when its agent registers.
   *
   * @throws FarmRefusal if its agent is there, or runs wait for it
   */
  public void remove(long deviceId) {
    Transactions.run(
        () -> {
          DeviceRow row = locked(deviceId);
          if (isPresent(row)) {
            throw new FarmRefusal(
                FarmRefusal.Kind.CONFLICT,
                "the agent of device '%s' is there, which would bring it back. Maybe stop it, and try again %d s later."
                    .formatted(row.name, PRESENCE.toSeconds()));
          }
          List<JobState> open = List.of(JobState.PENDING, JobState.LEASED);
          boolean awaited =
              JobRow.count("deviceId = ?1 and searchId is not null and state in ?2", deviceId, open)
                      > 0
                  || SearchRow.count("waitsForDeviceId", deviceId) > 0;
          if (awaited) {
            throw new FarmRefusal(
                FarmRefusal.Kind.CONFLICT,
                "runs wait for device '%s'. Maybe cancel them first.".formatted(row.name));
          }
          JobRow.update(
              "state = ?1, finishedAt = ?2 where deviceId = ?3 and state in ?4",
              JobState.CANCELLED,
              clock.instant(),
              deviceId,
              open);
          row.removedAt = clock.instant();
          row.apiKeyId = null;
        });
  }

  /** The device of that name, if there is one. */
  public Optional<DeviceRow> find(String name) {
    return Transactions.call(() -> named(name));
  }

  /** Whether the device is a part of this machine. */
  public static boolean isHere(DeviceRow row) {
    return row.host.equals(THIS_MACHINE);
  }

  /** Whether this machine must do nothing else while the device measures. */
  static boolean needsThisMachine(DeviceRow row) {
    return isHere(row) && row.quietHost;
  }

  /** A person's decision about a device. */
  public DeviceRow setHealth(long deviceId, Health wanted, String why) {
    return Transactions.call(
        () -> {
          DeviceRow row = locked(deviceId);
          set(row, health(row).set(wanted, why));
          return row;
        });
  }

  static DeviceHealth health(DeviceRow row) {
    return new DeviceHealth(row.health, row.unstableInARow, row.healthReason);
  }

  static void set(DeviceRow row, DeviceHealth health) {
    row.health = health.health();
    row.unstableInARow = health.unstableInARow();
    row.healthReason = health.reason();
  }
}
