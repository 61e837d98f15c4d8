package dev.lathe.service.start;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * Who may enter the embedded database: nobody without a password, and the service as a role that
 * owns its tables and nothing else.
 *
 * @param programs of the server
 */
record DatabaseAccess(ServerPrograms programs, DatabasePasswords passwords) {
  private static final String ENTRANCE =
      """
      # Written at each start.
      local all all scram-sha-256
      host all all 127.0.0.1/32 scram-sha-256
      """;
  private static final long LIMIT_SECONDS = 90;

  /**
   * Closes a database to everyone without a password, while no server runs on it.
   *
   * @param known whether the passwords were there before, and so may be set already
   */
  void close(Path data, boolean known) {
    try {
      Path entrance = data.resolve("pg_hba.conf");
      if (known && Files.exists(entrance) && Files.readString(entrance).equals(ENTRANCE)) {
        return;
      }
      // A server on its standard input: it listens nowhere.
      single(data, "alter role postgres password '%s';".formatted(passwords.superuser()));
      Files.writeString(entrance, ENTRANCE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted", e));
    }
  }

  /** Gives the service's role what is the service's, and no more. */
  void grant(DataSource asSuperuser) throws SQLException {
    try (Connection connection = asSuperuser.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          """
          do $$
          declare
            relation record;
          begin
            if not exists (select from pg_roles where rolname = 'lathe') then
              create role lathe;
            end if;
            alter role lathe with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
            alter database postgres owner to lathe;
            for relation in
              select c.oid::regclass as name, c.relkind as kind from pg_class c
              join pg_namespace n on n.oid = c.relnamespace
              join pg_roles r on r.oid = c.relowner
              where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm') and r.rolname <> 'lathe'
            loop
              execute format('alter table %s owner to lathe', relation.name);
            end loop;
          end
          $$
          """);
      statement.execute("alter role lathe password '%s'".formatted(passwords.service()));
      connection.commit();
    }
  }

  private void single(Path data, String statement) throws IOException, InterruptedException {
    List<String> command =
        programs.command("postgres", "--single", "-D", data.toString(), "postgres");
    Path log = data.resolveSibling("single.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try (var input = process.outputWriter(StandardCharsets.UTF_8)) {
      input.write(statement);
      input.write('\n');
    }
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new IOException("setting its password took too long");
    }
    String told = Files.readString(log);
    Files.delete(log);
    if (process.exitValue() != 0 || told.contains("ERROR:") || told.contains("FATAL:")) {
      throw new IOException(
          told.lines()
              .filter(line -> line.matches(".*(ERROR|FATAL):.*"))
              .findFirst()
              .orElse("its password cannot be set"));
    }
  }
}
