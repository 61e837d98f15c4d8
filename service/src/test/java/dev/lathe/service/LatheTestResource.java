package dev.lathe.service;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A database and a home folder for tests. */
public final class LatheTestResource implements QuarkusTestResourceLifecycleManager {
  private @Nullable EmbeddedPostgres server;
  private @Nullable Path home;

  @Override
  public Map<String, String> start() {
    try {
      Path folder = Files.createTempDirectory("lathe-test");
      home = folder;
      server =
          EmbeddedPostgres.builder()
              .setOverrideWorkingDirectory(folder.resolve("server").toFile())
              .start();
      return Map.of(
          "quarkus.datasource.jdbc.url",
          server.getJdbcUrl("postgres", "postgres"),
          "quarkus.datasource.username",
          "postgres",
          "quarkus.datasource.password",
          "postgres",
          "lathe.home",
          folder.toString(),
          "lathe.data.roots",
          dataRoot().toString(),
          "lathe.models.trial-seconds",
          "10");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder that is opened to registration. */
  static Path dataRoot() throws IOException {
    return Files.createDirectories(
        Path.of(
            System.getProperty("java.io.tmpdir"),
            "lathe-test-data-" + ProcessHandle.current().pid()));
  }

  @Override
  public void stop() {
    try {
      Objects.requireNonNull(server).close();
      for (Path folder : List.of(Objects.requireNonNull(home), dataRoot())) {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.deleteIfExists(file);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
