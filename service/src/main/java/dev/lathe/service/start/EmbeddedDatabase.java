package dev.lathe.service.start;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A PostgreSQL server of our own in the home folder: durable, reachable from this machine only, by
 * password only (SCRAM), and ended with the service. The service works as a role without
 * privileges; homes that were made when the server trusted every local user are mended before it
 * listens. The home folder must be owned (see {@link Home}): a server that a killed service left
 * behind is stopped first, and must not be that of a living one.
 */
final class EmbeddedDatabase implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final long STOP_SECONDS = 30;

  /** As which the service works. */
  static final String ROLE = "lathe";

  private static final String DATABASE = "postgres";

  private final EmbeddedPostgres server;
  private final DatabasePasswords passwords;

  private EmbeddedDatabase(EmbeddedPostgres server, DatabasePasswords passwords) {
    this.server = server;
    this.passwords = passwords;
  }

  /**
   * Starts the server.
   *
   * @throws StartFailure naming the folder if it does not come up
   */
  static EmbeddedDatabase start(Home home) throws StartFailure {
    Path folder = home.folder().resolve("postgres");
    Path data = folder.resolve("data");
    try {
      Files.createDirectories(folder);
      stopOrphan(data);
      Path passwordFile = folder.resolve("passwords");
      boolean known = DatabasePasswords.exist(passwordFile);
      DatabasePasswords passwords = DatabasePasswords.of(passwordFile);
      DatabaseAccess access = new DatabaseAccess(folder.resolve("server"), passwords);
      EmbeddedPostgres server =
          EmbeddedPostgres.builder()
              .setDataDirectoryCustomizer(directory -> access.close(directory.toPath(), known))
              .setConnectConfig("password", passwords.superuser())
              .setDataDirectory(data)
              .setCleanDataDirectory(false)
              .setOverrideWorkingDirectory(folder.resolve("server").toFile())
              .setPGStartupWait(START_LIMIT)
              .setServerConfig("fsync", "on")
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("full_page_writes", "on")
              .setServerConfig("listen_addresses", "127.0.0.1")
              .setServerConfig("unix_socket_directories", "")
              .setServerConfig("max_connections", "60")
              .setRegisterShutdownHook(false)
              .start();
      try {
        access.grant(server.getPostgresDatabase());
      } catch (SQLException e) {
        server.close();
        throw new IOException(e);
      }
      return new EmbeddedDatabase(server, passwords);
    } catch (IOException | IllegalStateException | UncheckedIOException e) {
      throw new StartFailure(
          "the embedded PostgreSQL in %s did not start (%s). Maybe the disk is full, or the folder belongs to another user or a newer version."
              .formatted(folder, e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartFailure("interrupted while the embedded PostgreSQL was starting", e);
    }
  }

  /** Where it listens; user and password are told apart from it. */
  String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(server.getPort(), DATABASE);
  }

  /** Of the role {@link #ROLE}. */
  String password() {
    return passwords.service();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  /**
   * Stops the server of a service that was killed; a stale file is left for PostgreSQL to clear.
   */
  private static void stopOrphan(Path data) throws IOException, InterruptedException, StartFailure {
    Path pidFile = data.resolve("postmaster.pid");
    if (!Files.exists(pidFile)) {
      return;
    }
    List<String> lines = Files.readAllLines(pidFile);
    Optional<ProcessHandle> orphan =
        lines.isEmpty() || !lines.getFirst().strip().matches("\\d{1,9}")
            ? Optional.empty()
            : ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
                .filter(process -> isServerOf(process, data));
    if (orphan.isEmpty()) {
      return;
    }
    long pid = orphan.get().pid();
    // SIGINT is PostgreSQL's fast shutdown; Java itself could only send SIGTERM, which waits for
    // clients.
    new ProcessBuilder("kill", "-INT", Long.toString(pid)).start().waitFor();
    try {
      orphan.get().onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new StartFailure(
          "the PostgreSQL process %d that a killed service left behind does not stop. Maybe stop it by hand."
              .formatted(pid),
          e);
    }
  }

  private static boolean isServerOf(ProcessHandle process, Path data) {
    String command;
    try {
      command = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
    } catch (IOException e) {
      command = process.info().commandLine().orElse("");
    }
    return process.isAlive() && command.contains("postgres") && command.contains(data.toString());
  }
}
