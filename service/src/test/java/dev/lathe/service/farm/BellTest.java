package dev.lathe.service.farm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BellTest {
  @Test
  void ringBetweenLookingAndWaiting_isNotLost() {
    Bell bell = new Bell();
    long heard = bell.rings();
    bell.ring();
    long begun = System.nanoTime();
    bell.await(heard, Duration.ofSeconds(30));

    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void silentBell_endsTheWaitAtItsLimit() {
    Bell bell = new Bell();
    long begun = System.nanoTime();
    bell.await(bell.rings(), Duration.ofMillis(60));

    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(55));
  }
}
