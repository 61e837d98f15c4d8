package dev.lathe.service.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.OwnersFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
  @TempDir Path folder;

  private static Connection connect(EmbeddedDatabase database) throws Exception {
    return DriverManager.getConnection(
        database.jdbcUrl(), EmbeddedDatabase.ROLE, database.password());
  }

  private static long rows(EmbeddedDatabase database) throws Exception {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("select count(*) from noted")) {
      found.next();
      return found.getLong(1);
    }
  }

  @Test
  void homeThatRuns_andOneThatIsStopped_comeBackWithDatabaseArtifactsAndKeys() throws Exception {
    Path home = folder.resolve("home");
    Path running = folder.resolve("running.tar.gz");
    String artifact;
    long before;
    long after;
    try (Home owned = Home.open(home);
        EmbeddedDatabase database = EmbeddedDatabase.start(owned)) {
      artifact = new ArtifactFiles(home.resolve("artifacts")).put(new byte[100_000]);
      OwnersFile.write(home.resolve("keys/admin.key"), List.of("secret"));
      try (Connection connection = connect(database);
          Statement statement = connection.createStatement()) {
        statement.execute("create table noted (id serial primary key, text text)");
        statement.execute(
            "insert into noted (text) select repeat('x', 500) from generate_series(1, 20000)");
        AtomicBoolean writing = new AtomicBoolean(true);
        Thread writer =
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        while (writing.get()) {
                          statement.execute("insert into noted (text) values (repeat('y', 500))");
                        }
                      } catch (java.sql.SQLException e) {
                        throw new IllegalStateException(e);
                      }
                    });
        before = rows(database);
        Backup.write(home, running);
        writing.set(false);
        writer.join();
      }
      after = rows(database);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(running)))
        .isEqualTo("rw-------");
    Path stopped = folder.resolve("stopped.tar.gz");
    Backup.write(home, stopped);

    assertThat(restored(running, "one", artifact)).isBetween(before, after);
    assertThat(restored(stopped, "two", artifact)).isEqualTo(after);
  }

  private long restored(Path backup, String name, String artifact) throws Exception {
    Path home = folder.resolve(name);
    Restore.read(backup, home);
    Path key = home.resolve("keys/admin.key");
    assertThat(key).hasContent("secret");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    assertThat(new ArtifactFiles(home.resolve("artifacts")).get(artifact)).hasSize(100_000);
    try (Home owned = Home.open(home);
        EmbeddedDatabase database = EmbeddedDatabase.start(owned)) {
      return rows(database);
    }
  }

  @Test
  void homeThatIsNotEmpty_isRefused_andStaysAsItIs() throws Exception {
    Path home = Files.createDirectory(folder.resolve("used"));
    Files.writeString(home.resolve("mine"), "text");
    assertThatThrownBy(() -> Restore.read(folder.resolve("any"), home))
        .isInstanceOf(StartFailure.class)
        .hasMessageContaining("is not empty")
        .hasMessageContaining("Maybe");
    assertThat(home.resolve("mine")).hasContent("text");
  }

  @Test
  void whatIsNoBackup_leavesNothing() throws Exception {
    Path file = Files.writeString(folder.resolve("text"), "no backup");
    assertThatThrownBy(() -> Restore.read(file, folder.resolve("home")))
        .hasMessageContaining("no whole backup");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(file);
    }
    assertThatThrownBy(() -> Backup.write(folder, folder.resolve("b")))
        .hasMessageContaining("no database of its own");
  }
}
