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
  private static final Duration RESTART_PAUSE = Duration.ofSeconds(2);
  private static final Duration RESTART_LIMIT = Duration.ofMinutes(10);

  /** As which the service works. */
  static final String ROLE = "lathe";

  private static final String DATABASE = "postgres";

  private final ServerPrograms programs;
  private final Path data;
  private final DatabasePasswords passwords;
  private final EmbeddedPostgres server;
  private volatile boolean closing;

  private EmbeddedDatabase(
      EmbeddedPostgres server, ServerPrograms programs, Path data, DatabasePasswords passwords) {
    this.server = server;
    this.programs = programs;
    this.data = data;
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
      ServerPrograms programs = new ServerPrograms(folder.resolve("server"));
      DatabaseAccess access = new DatabaseAccess(programs, passwords);
      EmbeddedDatabase database =
          new EmbeddedDatabase(
              builder(folder, data, passwords)
                  .setDataDirectoryCustomizer(directory -> access.close(directory.toPath(), known))
                  .start(),
              programs,
              data,
              passwords);
      try {
        access.grant(database.server.getPostgresDatabase());
      } catch (SQLException e) {
        database.server.close();
        throw new IOException(e);
      }
      database.watch();
      return database;
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

  private static EmbeddedPostgres.Builder builder(
      Path folder, Path data, DatabasePasswords passwords) {
    return EmbeddedPostgres.builder()
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
        .setRegisterShutdownHook(false);
  }

  /**
   * Starts the server again, on its port, whenever its process ends without being told to.
   *
   * @return whether there is a process to watch
   */
  @SuppressWarnings("FutureReturnValueIgnored")
  private boolean watch() throws IOException {
    Optional<ProcessHandle> process = server(data);
    process.ifPresent(
        living ->
            living
                .onExit()
                .thenRun(
                    () ->
                        Thread.ofPlatform()
                            .daemon()
                            .name("embedded-database-restart")
                            .start(this::restart)));
    return process.isPresent();
  }

  private void restart() {
    while (!closing) {
      synchronized (this) {
        if (closing) {
          return;
        }
        System.err.println("lathe: the embedded PostgreSQL has ended, and is started again");
        try {
          startAgain();
          if (watch()) {
            return;
          }
        } catch (IOException e) {
          System.err.println("lathe: it did not start: " + e.getMessage());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
      try {
        Thread.sleep(RESTART_PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** By PostgreSQL's own program, with the options of the start before, which it keeps. */
  private void startAgain() throws IOException, InterruptedException {
    Path log = data.resolveSibling("restart.log");
    Process process =
        new ProcessBuilder(
                programs.command(
                    "pg_ctl",
                    "-D",
                    data.toString(),
                    "-w",
                    "-t",
                    Long.toString(RESTART_LIMIT.toSeconds()),
                    "restart"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("Maybe %s tells why.".formatted(log));
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
    closing = true;
    synchronized (this) {
      server.close();
    }
  }

  /**
   * Stops the server of a service that was killed; a stale file is left for PostgreSQL to clear.
   */
  private static void stopOrphan(Path data) throws IOException, InterruptedException, StartFailure {
    Optional<ProcessHandle> orphan = server(data);
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

  /** The process of the server on a folder, if it lives. */
  static Optional<ProcessHandle> server(Path data) throws IOException {
    Path pidFile = data.resolve("postmaster.pid");
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(pidFile);
    return lines.isEmpty() || !lines.getFirst().strip().matches("\\d{1,9}")
        ? Optional.empty()
        : ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
            .filter(process -> isServerOf(process, data));
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
