package dev.lathe.service.farm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MachineGateTest {
  private static final Runnable GO_ON = () -> {};

  @Test
  void device_waitsUntilTheRunRests() throws Exception {
    MachineGate gate = new MachineGate();
    gate.work(GO_ON);
    assertThat(gate.apply(Duration.ofMillis(50))).as("the run never passed by").isFalse();

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> applied = threads.submit(() -> gate.apply(Duration.ofSeconds(20)));
      Thread.sleep(50);
      assertThat(applied.isDone()).isFalse();
      gate.rest();
      assertThat(applied.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void machine_doesOneThingAtATime() throws Exception {
    MachineGate gate = new MachineGate();
    AtomicInteger measuring = new AtomicInteger();
    AtomicInteger measured = new AtomicInteger();
    AtomicInteger violations = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> run =
          threads.submit(
              () -> {
                gate.work(GO_ON);
                while (done.getCount() > 0) {
                  gate.pass(GO_ON);
                  if (measuring.get() > 0) {
                    violations.incrementAndGet();
                  }
                }
                gate.rest();
              });
      for (int device = 0; device < 3; device++) {
        String name = "lease-" + device + "-";
        var _ =
            threads.submit(
                () -> {
                  for (int i = 0; i < 50 && done.getCount() > 0; i++) {
                    if (gate.apply(Duration.ofSeconds(20))) {
                      gate.leased(name + i);
                      gate.leave();
                      if (measuring.incrementAndGet() > 1) {
                        violations.incrementAndGet();
                      }
                      Thread.sleep(1);
                      measuring.decrementAndGet();
                      gate.released(name + i);
                      measured.incrementAndGet();
                    }
                  }
                  return true;
                });
      }
      long end = System.nanoTime() + 30_000_000_000L;
      while (measured.get() < 150 && System.nanoTime() < end) {
        Thread.sleep(10);
      }
      done.countDown();
      run.get(10, TimeUnit.SECONDS);
    }
    assertThat(measured).hasValue(150);
    assertThat(violations).hasValue(0);
  }

  @Test
  void waitingRun_canBeStopped() {
    MachineGate gate = new MachineGate();
    gate.leased("lease");
    assertThat(gate.apply(Duration.ofMillis(10))).as("another device measures").isFalse();

    assertThatThrownBy(
            () ->
                gate.work(
                    () -> {
                      throw new IllegalStateException("stopped");
                    }))
        .hasMessage("stopped");
    gate.released("lease");
    gate.released("lease");
    gate.work(GO_ON);
  }
}
