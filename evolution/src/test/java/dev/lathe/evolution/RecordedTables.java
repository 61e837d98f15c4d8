package dev.lathe.evolution;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.space.table.MeasurementTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Public tables of measurements, where the machine has them. */
final class RecordedTables {
  private RecordedTables() {}

  /** Reads a table; skips the test if it is missing. */
  static MeasurementTable read(String file) {
    Optional<Path> found =
        Stream.of(
                Optional.ofNullable(System.getenv("LATHE_TEST_DATA")).map(Path::of),
                Optional.of(Path.of("../../shared/data")))
            .flatMap(Optional::stream)
            .map(folder -> folder.resolve(file))
            .filter(Files::isReadable)
            .findFirst();
    assumeTrue(found.isPresent(), () -> "there is no table '" + file + "' on this machine");
    try {
      return MeasurementTable.read(found.orElseThrow());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
