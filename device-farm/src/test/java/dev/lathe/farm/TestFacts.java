package dev.lathe.farm;

import java.util.List;
import java.util.Map;

/** What stand-ins for devices say of themselves. */
public final class TestFacts {
  private TestFacts() {}

  /** A simulated device of a back end, whose runtime is version 1 of the same. */
  public static DeviceFacts of(String backend) {
    return new DeviceFacts(
        backend,
        Reality.SIMULATED,
        backend + " 1",
        "host",
        "P",
        0,
        1,
        List.of("float32"),
        List.of("latency"),
        false,
        Map.of());
  }
}
