package dev.lathe.farm.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class DeviceStateTest {
  private static final Instant SEEN = Instant.parse("2030-01-01T00:00:00Z");

  @Test
  void state_followsFromTheLastRequestAndTheLease() {
    assertThat(DeviceState.of(SEEN, false, SEEN.plusSeconds(59))).isEqualTo(DeviceState.IDLE);
    assertThat(DeviceState.of(SEEN, false, SEEN.plusSeconds(60))).isEqualTo(DeviceState.OFFLINE);
    assertThat(DeviceState.of(SEEN, true, SEEN.plusSeconds(600))).isEqualTo(DeviceState.BUSY);
  }

  @Test
  void clockThatJumpedBack_leavesTheDeviceIdle() {
    assertThat(DeviceState.of(SEEN, false, SEEN.minusSeconds(600))).isEqualTo(DeviceState.IDLE);
  }
}
