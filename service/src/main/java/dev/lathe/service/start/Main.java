package dev.lathe.service.start;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Date;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Entry point. Without {@code quarkus.datasource.jdbc.url} the service brings its own database.
 * With {@code backup FILE} or {@code restore FILE} it does that instead. What is wrong at the start
 * is said in one line, and the exit code is 1.
 */
@QuarkusMain
public final class Main {
  private static final String JDBC_URL = "quarkus.datasource.jdbc.url";
  private static final long STOP_SECONDS = 20;

  private Main() {}

  /** Runs the service until it is told to stop. */
  public static void main(String... args) {
    try {
      run(args);
    } catch (StartFailure e) {
      System.err.println("lathe: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void run(String... args) throws StartFailure {
    if (args.length == 2 && args[0].equals("backup")) {
      Backup.write(Home.configured(), Path.of(args[1]));
      return;
    }
    if (args.length == 2 && args[0].equals("restore")) {
      Restore.read(Path.of(args[1]), Home.configured());
      return;
    }
    Config config = ConfigProvider.getConfig();
    String host = config.getOptionalValue("quarkus.http.host", String.class).orElse("127.0.0.1");
    int port = config.getOptionalValue("quarkus.http.port", Integer.class).orElse(8080);
    Optional<String> external = config.getOptionalValue(JDBC_URL, String.class);
    Optional<TlsFiles> tls = TlsFiles.configured(config);
    if (tls.isPresent()) {
      tls.get().requireUsable(new Date());
      tls.get().use(port);
    }
    requireKnown(host);
    requireFree(host, port);
    Home home = Home.open(Home.configured(), Long.getLong("lathe.home.patience", 0));
    System.setProperty("lathe.home", home.folder().toString());
    CountDownLatch stopped = new CountDownLatch(1);
    if (external.isPresent()) {
      requireReachable(config, external.get());
    } else {
      EmbeddedDatabase database = EmbeddedDatabase.start(home);
      closeAfter(stopped, database);
      System.setProperty(JDBC_URL, database.jdbcUrl());
      System.setProperty("quarkus.datasource.username", EmbeddedDatabase.ROLE);
      System.setProperty("quarkus.datasource.password", database.password());
    }
    stopWithParent();
    Quarkus.run(
        null,
        (code, failure) -> {
          if (failure != null) {
            System.err.println("lathe: the service did not start: " + rootMessage(failure));
          }
          stopped.countDown();
          System.exit(failure == null ? code : 1);
        },
        args);
  }

  /**
   * On SIGTERM Quarkus stops in a shutdown hook of its own and may not call its exit handler, so
   * ours polls for its end before it takes the database away.
   */
  private static void closeAfter(CountDownLatch stopped, EmbeddedDatabase database) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    if (!stopped.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                      System.err.println("lathe: the service did not stop in time");
                    }
                    database.close();
                  } catch (IOException e) {
                    System.err.println("lathe: PostgreSQL did not stop: " + e.getMessage());
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "embedded-database-stop"));
  }

  /** Stops when the process that started this one is gone, if {@code lathe.parent} names one. */
  private static void stopWithParent() {
    Long parent = Long.getLong("lathe.parent");
    if (parent == null) {
      return;
    }
    ProcessHandle.of(parent)
        .map(ProcessHandle::onExit)
        .orElseGet(() -> CompletableFuture.completedFuture(null)) // it was killed meanwhile
        .thenRun(() -> Thread.ofPlatform().daemon().name("exit").start(Main::exit))
        .exceptionally(e -> null);
  }

  /** Again and again: while Quarkus starts, it does not hear of it. */
  private static void exit() {
    while (true) {
      Quarkus.asyncExit(0);
      LockSupport.parkNanos(1_000_000_000L);
    }
  }

  private static void requireKnown(String host) throws StartFailure {
    try {
      InetAddress unused = InetAddress.getByName(host);
    } catch (IOException e) {
      throw new StartFailure("host '%s' is not known. Maybe 127.0.0.1.".formatted(host), e);
    }
  }

  private static void requireFree(String host, int port) throws StartFailure {
    if (port == 0) {
      return;
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(host, port));
    } catch (IOException e) {
      throw new StartFailure(
          "port %d on %s cannot be used (%s). Maybe another service runs there; choose another with --port."
              .formatted(port, host, e.getMessage()),
          e);
    } catch (IllegalArgumentException e) {
      throw new StartFailure("port %d is not between 0 and 65535.".formatted(port), e);
    }
  }

  private static void requireReachable(Config config, String url) throws StartFailure {
    try (Connection connection =
        DriverManager.getConnection(
            url,
            config.getOptionalValue("quarkus.datasource.username", String.class).orElse(null),
            config.getOptionalValue("quarkus.datasource.password", String.class).orElse(null))) {
      if (!connection.isValid(10)) {
        throw new StartFailure("the database at %s does not answer.".formatted(url));
      }
    } catch (SQLException e) {
      throw new StartFailure(
          "the database at %s cannot be reached (%s). Maybe set QUARKUS_DATASOURCE_USERNAME and QUARKUS_DATASOURCE_PASSWORD."
              .formatted(url, e.getMessage()),
          e);
    }
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage() == null ? root : root.getMessage());
  }
}
