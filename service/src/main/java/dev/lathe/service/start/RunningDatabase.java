package dev.lathe.service.start;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;

/**
 * An embedded database that runs while it is copied: in backup mode, so that the copied files and
 * the log written meanwhile make up its state at the end, and with a slot that keeps this log.
 */
final class RunningDatabase implements AutoCloseable {
  private static final int PORT_LINE = 3;
  private static final int RENAMED =
      150_000; // server_version_num from which functions have new names

  private final Connection connection;

  private RunningDatabase(Connection connection) {
    this.connection = connection;
  }

  /** Whether a server runs on the folder. */
  static boolean isThere(Path data) throws IOException {
    return EmbeddedDatabase.server(data).isPresent();
  }

  /** Begins the backup mode. */
  static RunningDatabase open(Path data) throws IOException, SQLException {
    List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
    int port = Integer.parseInt(lines.get(PORT_LINE).strip());
    DatabasePasswords passwords = DatabasePasswords.of(data.resolveSibling("passwords"));
    Connection connection =
        DriverManager.getConnection(
            "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port),
            "postgres",
            passwords.superuser());
    RunningDatabase running = new RunningDatabase(connection);
    try {
      running.ask(
          "select pg_create_physical_replication_slot('lathe_backup_%d', true, true)::text"
              .formatted(ProcessHandle.current().pid()));
      running.ask(
          running.isRenamed()
              ? "select pg_backup_start('lathe', true)::text"
              : "select pg_start_backup('lathe', true, false)::text");
      return running;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** Ends it; the text of the file {@code backup_label} that belongs to the copy. */
  String end() throws SQLException {
    return ask(
        isRenamed()
            ? "select labelfile from pg_backup_stop(false)"
            : "select labelfile from pg_stop_backup(false, false)");
  }

  private boolean isRenamed() throws SQLException {
    return Integer.parseInt(ask("show server_version_num")) >= RENAMED;
  }

  private String ask(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return Optional.ofNullable(rows.getString(1)).orElse("");
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
