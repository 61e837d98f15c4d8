package dev.lathe.service.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who comes into the embedded database, of a new home and of one that trusted everyone. */
class EmbeddedDatabaseTest {
  private static final Path OLD_HOME =
      Path.of("src/test/resources/homes/0.1.0-e9ecbcc.tar.xz").toAbsolutePath();

  @TempDir Path folder;

  @Test
  void home_isClosedToOtherAccounts() throws Exception {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (Home home = Home.open(open)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.folder())))
          .isEqualTo("rwxr-x---");
    }
  }

  @Test
  void newDatabase_asksForPasswords_alsoAtTheNextStart() throws Exception {
    try (Home home = Home.open(folder)) {
      try (EmbeddedDatabase database = EmbeddedDatabase.start(home)) {
        isClosed(database);
        execute(database, "create table kept (value text)", "insert into kept values ('here')");
      }
      Path passwords = folder.resolve("postgres/passwords");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(passwords)))
          .isEqualTo("rw-------");
      Files.delete(passwords); // As if it was lost: new ones are set.
      try (EmbeddedDatabase database = EmbeddedDatabase.start(home)) {
        isClosed(database);
        assertThat(query(database, "select value from kept")).isEqualTo("here");
      }
    }
  }

  @Test
  void serverThatDies_isStartedAgain_whereItWas() throws Exception {
    try (Home home = Home.open(folder);
        EmbeddedDatabase database = EmbeddedDatabase.start(home)) {
      execute(database, "create table kept (value text)", "insert into kept values ('here')");
      Path pidFile = folder.resolve("postgres/data/postmaster.pid");
      for (int i = 0; i < 2; i++) {
        String pid = Files.readAllLines(pidFile).getFirst().strip();
        assertThat(ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly()).isTrue();
        long end = System.nanoTime() + 60_000_000_000L;
        while (true) {
          try {
            assertThat(query(database, "select value from kept")).isEqualTo("here");
            assertThat(Files.readAllLines(pidFile).getFirst().strip()).isNotEqualTo(pid);
            break;
          } catch (SQLException | java.io.IOException | AssertionError e) {
            if (System.nanoTime() > end) {
              throw e;
            }
            Thread.sleep(200);
          }
        }
      }
    }
  }

  @Test
  void databaseThatTrustedEveryone_isClosedAndKeepsItsRows() throws Exception {
    assertThat(
            new ProcessBuilder("tar", "-xJf", OLD_HOME.toString(), "-C", folder.toString())
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
    assertThat(Files.readString(folder.resolve("postgres/data/pg_hba.conf"))).contains("trust");
    try (Home home = Home.open(folder);
        EmbeddedDatabase database = EmbeddedDatabase.start(home)) {
      isClosed(database);
      assertThat(Files.readString(folder.resolve("postgres/data/pg_hba.conf")))
          .doesNotContain("trust");
      assertThat(query(database, "select count(*) from measurement")).isEqualTo("144");
      // What a migration does: the role owns the tables that the superuser had made.
      execute(database, "alter table search add column later text", "create table more (x int)");
    }
  }

  private static void isClosed(EmbeddedDatabase database) throws SQLException {
    for (String role : new String[] {"postgres", EmbeddedDatabase.ROLE}) {
      for (String password : new String[] {"", "postgres", role}) {
        assertThatThrownBy(() -> DriverManager.getConnection(database.jdbcUrl(), role, password))
            .as("%s with password '%s'", role, password)
            .isInstanceOf(SQLException.class)
            .hasMessageContaining("password");
      }
    }
    assertThat(query(database, "select rolsuper from pg_roles where rolname = current_user"))
        .isEqualTo("f");
    assertThat(query(database, "show password_encryption")).isEqualTo("scram-sha-256");
    assertThat(query(database, "show listen_addresses")).isEqualTo("127.0.0.1");
    for (String escape :
        new String[] {
          "copy (select 1) to program 'id'",
          "create temp table t (x text); copy t from program 'id'",
          "select pg_read_file('/etc/passwd')",
          "copy (select 1) to '/tmp/lathe-escape'",
          "select lo_import('/etc/passwd')",
          "alter role lathe superuser",
          "set role postgres",
          "select rolpassword from pg_authid"
        }) {
      assertThatThrownBy(() -> execute(database, escape))
          .as(escape)
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("permission denied");
    }
  }

  private static Connection connect(EmbeddedDatabase database) throws SQLException {
    return DriverManager.getConnection(
        database.jdbcUrl(), EmbeddedDatabase.ROLE, database.password());
  }

  private static void execute(EmbeddedDatabase database, String... statements) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static String query(EmbeddedDatabase database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
