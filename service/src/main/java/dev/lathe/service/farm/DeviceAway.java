package dev.lathe.service.farm;

/** A run needs a device that is not there, or takes no jobs: it waits, and others go on. */
public final class DeviceAway extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final long deviceId;

  DeviceAway(long deviceId, String reason) {
    super(reason);
    this.deviceId = deviceId;
  }

  /** The device that is waited for. */
  public long deviceId() {
    return deviceId;
  }
}
