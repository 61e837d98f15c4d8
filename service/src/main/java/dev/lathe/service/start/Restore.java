package dev.lathe.service.start;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Makes a home folder of a {@link Backup}: whole, or not at all. */
final class Restore {
  private Restore() {}

  /**
   * Restores into a folder that is empty or not there.
   *
   * @throws StartFailure if the folder is not empty, or the file is no whole backup
   */
  static void read(Path file, Path home) throws StartFailure {
    requireEmpty(home);
    Path part = home.resolveSibling(home.getFileName() + ".restoring-" + UUID.randomUUID());
    try {
      Files.createDirectories(home.toAbsolutePath().getParent());
      Files.createDirectory(
          part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      try (InputStream in = Files.newInputStream(file);
          TarArchiveInputStream tar =
              new TarArchiveInputStream(new GZIPInputStream(in, 1 << 16), "UTF-8")) {
        unpack(tar, part);
      }
      Files.deleteIfExists(home);
      Files.move(part, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new StartFailure(
          "'%s' cannot be restored to %s (%s: %s). Maybe it is no whole backup, or the disk is full."
              .formatted(file, home, e.getClass().getSimpleName(), e.getMessage()),
          e);
    } finally {
      delete(part);
    }
  }

  private static void requireEmpty(Path home) throws StartFailure {
    try (Stream<Path> entries = Files.exists(home) ? Files.list(home) : Stream.empty()) {
      if (entries.findAny().isPresent()) {
        throw new StartFailure(
            "home folder %s is not empty. Maybe restore to another with --home, and move it into place afterwards."
                .formatted(home));
      }
    } catch (IOException e) {
      throw new StartFailure("home folder %s cannot be read.".formatted(home), e);
    }
  }

  private static void unpack(TarArchiveInputStream tar, Path folder) throws IOException {
    TarArchiveEntry first = tar.getNextEntry();
    if (first == null
        || !first.getName().equals(Backup.MARK)
        || !new String(tar.readAllBytes(), StandardCharsets.UTF_8).equals(Backup.VERSION)) {
      throw new IOException("it does not begin as a backup of this version does");
    }
    boolean database = false;
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      Path place = folder.resolve(entry.getName()).normalize();
      if (!place.startsWith(folder) || !(entry.isDirectory() || entry.isFile())) {
        throw new IOException("entry '%s' is none of a backup".formatted(entry.getName()));
      }
      if (entry.isDirectory()) {
        Files.createDirectories(place);
      } else {
        Files.copy(tar, place);
        Files.setLastModifiedTime(place, FileTime.from(entry.getLastModifiedTime().toInstant()));
        database |= entry.getName().equals("postgres/data/PG_VERSION");
      }
      Files.setPosixFilePermissions(place, permissions(entry.getMode()));
    }
    if (!database) {
      throw new IOException("it ends before its database");
    }
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values();
    for (int i = 0; i < all.length; i++) {
      if ((mode >> (all.length - 1 - i) & 1) == 1) {
        permissions.add(all[i]);
      }
    }
    return permissions;
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      System.err.println("lathe: '%s' cannot be deleted".formatted(folder));
    }
  }
}
