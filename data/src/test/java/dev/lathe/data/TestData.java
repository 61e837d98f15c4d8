package dev.lathe.data;

import java.nio.file.Path;
import java.util.Optional;

/** Where public data for tests lie, if they are on this machine. */
final class TestData {
  private TestData() {}

  static Path folder() {
    return Optional.ofNullable(System.getenv("LATHE_TEST_DATA"))
        .map(Path::of)
        .orElse(Path.of("..", "..", "shared", "data"));
  }
}
