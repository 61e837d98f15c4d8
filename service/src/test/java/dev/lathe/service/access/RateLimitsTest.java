package dev.lathe.service.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RateLimitsTest {
  private Instant now = Instant.EPOCH;
  private final RateLimits limits = new RateLimits(2, 0.5, () -> now);

  private static ApiKeyRow key(long id) {
    ApiKeyRow key = new ApiKeyRow();
    key.id = id;
    return key;
  }

  @Test
  void minutesWorthGoesAtOnce_thenSoManyASecond_eachKeyItsOwn() {
    for (int i = 0; i < 120; i++) {
      assertThat(limits.ofKey(key(1))).isEmpty();
    }
    assertThat(limits.ofKey(key(1))).hasValue(Duration.ofSeconds(1));
    assertThat(limits.ofKey(key(2))).isEmpty();
    now = now.plusSeconds(1);
    assertThat(limits.ofKey(key(1))).isEmpty();
    assertThat(limits.ofKey(key(1))).isEmpty();
    assertThat(limits.ofKey(key(1))).isPresent();
  }

  @Test
  void address_isTestedWithoutBeingCounted_andAClockSetBackGivesNothing() {
    for (int i = 0; i < 100; i++) {
      assertThat(limits.isUsedUp("10.0.0.1")).isEmpty();
    }
    for (int i = 0; i < 30; i++) {
      assertThat(limits.ofAddress("10.0.0.1")).isEmpty();
    }
    assertThat(limits.isUsedUp("10.0.0.1")).hasValue(Duration.ofSeconds(2));
    now = now.minusSeconds(3600);
    assertThat(limits.isUsedUp("10.0.0.1")).isPresent();
    now = now.plusSeconds(2);
    assertThat(limits.isUsedUp("10.0.0.1")).isEmpty();
  }
}
