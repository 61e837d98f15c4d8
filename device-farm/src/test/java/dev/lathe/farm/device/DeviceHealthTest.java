package dev.lathe.farm.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.farm.FailureKind;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeviceHealthTest {
  private static final Optional<FailureKind> UNSTABLE = Optional.of(FailureKind.UNSTABLE);
  private static final Optional<FailureKind> DEVICE = Optional.of(FailureKind.DEVICE);

  @Test
  void threeRejectionsInARow_quarantine() {
    DeviceHealth twice = DeviceHealth.good().afterJob(UNSTABLE).afterJob(UNSTABLE);
    assertThat(twice.takesJobs()).isTrue();
    assertThat(twice.afterJob(Optional.empty()).afterJob(UNSTABLE).takesJobs()).isTrue();
    DeviceHealth quarantined = twice.afterJob(UNSTABLE);
    assertThat(quarantined.health()).isEqualTo(Health.BAD);
    assertThat(quarantined.takesJobs()).isFalse();
    assertThat(quarantined.takesChecks()).isTrue();
  }

  @Test
  void quarantine_isLiftedByAPassedCheckOrAPersonOnly() {
    DeviceHealth bad = DeviceHealth.good().set(Health.BAD, "smoke");
    assertThat(bad.afterJob(Optional.empty()).health()).isEqualTo(Health.BAD);
    assertThat(bad.afterCheck(UNSTABLE).health()).isEqualTo(Health.BAD);
    assertThat(bad.afterCheck(Optional.empty())).isEqualTo(DeviceHealth.good());
    assertThat(bad.set(Health.GOOD, "")).isEqualTo(DeviceHealth.good());
  }

  @Test
  void deviceFailure_forcesACheckFirst() {
    DeviceHealth unknown = DeviceHealth.good().afterJob(DEVICE);
    assertThat(unknown.health()).isEqualTo(Health.UNKNOWN);
    assertThat(unknown.takesJobs()).isFalse();
    assertThat(unknown.afterCheck(DEVICE).health()).isEqualTo(Health.BAD);
    assertThat(unknown.afterCheck(Optional.empty()).takesJobs()).isTrue();
  }

  @Test
  void whatTheModelBroughtAbout_saysNothingAboutTheDevice() {
    for (FailureKind kind : FailureKind.values()) {
      if (kind != FailureKind.UNSTABLE && kind != FailureKind.DEVICE) {
        assertThat(DeviceHealth.good().afterJob(Optional.of(kind)))
            .as(kind.name())
            .isEqualTo(DeviceHealth.good());
      }
    }
  }

  @Test
  void devicesThatAPersonTookOut_stayOut() {
    for (Health health : new Health[] {Health.MAINTENANCE, Health.RETIRED}) {
      DeviceHealth out = DeviceHealth.good().set(health, "moved");
      assertThat(out.afterCheck(Optional.empty())).isEqualTo(out);
      assertThat(out.takesJobs() || out.takesChecks()).isFalse();
    }
    assertThatThrownBy(() -> DeviceHealth.good().set(Health.RETIRED, "").set(Health.GOOD, ""))
        .hasMessageContaining("retired device");
  }
}
