package dev.lathe.service.start;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes a home folder to one file, a tar within gzip that its owner alone reads: the embedded
 * database first, then everything else, so that each row's files are in it. A running database is
 * copied in PostgreSQL's backup mode, and comes up as it was at the end of the copy.
 */
final class Backup {
  /** First entry of every backup. */
  static final String MARK = "lathe-backup";

  static final String VERSION = "1";

  /** What a folder of the database holds only while its server runs. */
  private static final Set<String> FLEETING =
      Set.of(
          "pg_dynshmem",
          "pg_notify",
          "pg_replslot",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  private static final Set<String> LEFT_OUT =
      Set.of(
          "instance.lock",
          "address",
          "certificate.pem",
          "postgres",
          "postmaster.pid",
          "postmaster.opts");
  private static final String LABEL = "backup_label";
  private static final String LOG = "pg_wal";

  private final Path home;
  private final TarArchiveOutputStream tar;

  private Backup(Path home, TarArchiveOutputStream tar) {
    this.home = home;
    this.tar = tar;
  }

  /**
   * Writes a backup, whole or not at all.
   *
   * @throws StartFailure saying why there is none
   */
  static void write(Path home, Path file) throws StartFailure {
    Path data = home.resolve("postgres/data");
    if (!Files.exists(data.resolve("PG_VERSION"))) {
      throw new StartFailure(
          "home folder %s has no database of its own. Maybe name another with --home; a PostgreSQL server of yours is backed up by its own tools."
              .formatted(home));
    }
    if (Files.exists(file)) {
      throw new StartFailure(
          "'%s' is there already. Maybe choose another name for the backup.".formatted(file));
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.deleteIfExists(part);
      Files.createFile(
          part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (OutputStream out = Files.newOutputStream(part);
          TarArchiveOutputStream tar =
              new TarArchiveOutputStream(new GZIPOutputStream(out, 1 << 16), "UTF-8")) {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        new Backup(home, tar).all(data);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | SQLException e) {
      throw new StartFailure(
          "the backup '%s' cannot be written (%s). Maybe the disk is full, or the service started or stopped meanwhile."
              .formatted(file, e.getMessage()),
          e);
    } finally {
      deleteQuietly(part);
    }
  }

  private void all(Path data) throws IOException, SQLException, StartFailure {
    text(MARK, VERSION);
    folder(home.resolve("postgres"));
    if (RunningDatabase.isThere(data)) {
      try (RunningDatabase running = RunningDatabase.open(data)) {
        database(data);
        text(name(data.resolve(LABEL)), running.end());
        tree(data.resolve(LOG));
      }
      files();
    } else {
      try (Home owned = Home.open(home)) {
        database(data);
        tree(owned.folder().resolve("postgres/data").resolve(LOG));
        files();
      }
    }
  }

  private void database(Path data) throws IOException {
    Path passwords = data.resolveSibling("passwords");
    if (Files.exists(passwords)) {
      file(passwords);
    }
    folder(data);
    for (Path entry : sorted(data)) {
      String name = entry.getFileName().toString();
      if (FLEETING.contains(name)) {
        folder(entry);
      } else if (name.equals(LOG)) {
        continue; // after everything else: it tells what changed meanwhile
      } else if (!LEFT_OUT.contains(name) && !name.equals(LABEL)) {
        tree(entry);
      }
    }
  }

  private void files() throws IOException {
    for (Path entry : sorted(home)) {
      if (!LEFT_OUT.contains(entry.getFileName().toString())) {
        tree(entry);
      }
    }
  }

  private void tree(Path place) throws IOException {
    if (!Files.isDirectory(place)) {
      if (!place.getFileName().toString().endsWith(".part")) {
        file(place);
      }
      return;
    }
    folder(place);
    for (Path entry : sorted(place)) {
      tree(entry);
    }
  }

  private void folder(Path folder) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name(folder) + "/");
    entry.setMode(mode(folder));
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
  }

  /**
   * A file as long as it is now; what others cut off meanwhile is zeros, as PostgreSQL's own do.
   */
  private void file(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return;
    }
    try (InputStream in = Files.newInputStream(file)) {
      TarArchiveEntry entry = new TarArchiveEntry(name(file));
      entry.setSize(Files.size(file));
      entry.setMode(mode(file));
      entry.setLastModifiedTime(Files.getLastModifiedTime(file));
      tar.putArchiveEntry(entry);
      byte[] buffer = new byte[1 << 16];
      long left = entry.getSize();
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          java.util.Arrays.fill(buffer, (byte) 0);
          read = (int) Math.min(left, buffer.length);
        }
        tar.write(buffer, 0, read);
        left -= read;
      }
      tar.closeArchiveEntry();
    } catch (NoSuchFileException e) {
      // Removed since the folder was listed: it belongs to the backup no more than to the home.
      return;
    }
  }

  private void text(String name, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(bytes.length);
    entry.setMode(0600);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private String name(Path place) {
    return home.relativize(place).toString();
  }

  private static List<Path> sorted(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }

  /** The permissions as tar writes them. */
  private static int mode(Path place) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(place);
    int mode = 0;
    for (PosixFilePermission permission : PosixFilePermission.values()) {
      mode = mode << 1 | (permissions.contains(permission) ? 1 : 0);
    }
    return mode;
  }

  private static void deleteQuietly(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      System.err.println("lathe: '%s' cannot be deleted".formatted(part));
    }
  }
}
