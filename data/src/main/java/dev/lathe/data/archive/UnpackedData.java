package dev.lathe.data.archive;

import dev.lathe.data.DataException;
import dev.lathe.data.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder into which packed data were unpacked. Below a cache folder it stays for the next time,
 * under a hash of the files' paths, sizes and times; without one it is removed when closed.
 *
 * @param stays whether it outlives this process
 */
public record UnpackedData(Path folder, boolean stays) implements AutoCloseable {
  private static final Duration UNUSED = Duration.ofDays(60);
  private static final Duration LEFT_BEHIND = Duration.ofDays(1);
  private static final String HALF = ".half-";

  /** Unpacks an archive of folders. */
  public static UnpackedData archive(Path archive, Optional<Path> cache, Progress progress) {
    return of(
        archive,
        List.of(archive),
        cache,
        folder -> {
          var unused = ArchiveIntake.unpack(archive, folder, IntakeLimits.USUAL, progress);
        });
  }

  /** Unpacks the pictures of a Parquet file, or of those below a folder. */
  public static UnpackedData parquet(Path place, Optional<Path> cache, Progress progress) {
    List<Path> files = ParquetPictures.files(place);
    return of(
        place,
        files,
        cache,
        folder -> ParquetPictures.unpack(files, folder, IntakeLimits.USUAL, progress));
  }

  private interface Filling {
    void fill(Path folder) throws IOException;
  }

  private static UnpackedData of(
      Path place, List<Path> files, Optional<Path> cache, Filling filling) {
    try {
      if (cache.isEmpty()) {
        return new UnpackedData(
            filled(Files.createTempDirectory("lathe-unpacked"), filling), false);
      }
      Path all = Files.createDirectories(cache.get().resolve("unpacked"));
      sweep(all);
      Path kept = all.resolve(key(files));
      if (!Files.isDirectory(kept)) {
        Path half = filled(Files.createTempDirectory(all, HALF), filling);
        try {
          Files.move(half, kept);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
          delete(half); // Another process was faster.
        }
      }
      Files.setLastModifiedTime(kept, FileTime.from(Instant.now()));
      return new UnpackedData(kept, true);
    } catch (IntakeRefused e) {
      throw new DataException(place, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new DataException(place, "it cannot be unpacked: " + e.getMessage(), e);
    }
  }

  private static Path filled(Path folder, Filling filling) throws IOException {
    try {
      filling.fill(folder);
      return folder;
    } catch (IOException | RuntimeException e) {
      delete(folder);
      throw e;
    }
  }

  private static String key(List<Path> files) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path file : files) {
        digest.update(
            "%s\n%d %s\n"
                .formatted(
                    file.toAbsolutePath().normalize(),
                    Files.size(file),
                    Files.getLastModifiedTime(file))
                .getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, 32);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** Removes what was not used for two months, and what was left half done a day ago. */
  private static void sweep(Path all) throws IOException {
    Instant now = Instant.now();
    try (var entries = Files.newDirectoryStream(all)) {
      for (Path entry : entries) {
        boolean half = entry.getFileName().toString().startsWith(HALF);
        Instant used = Files.getLastModifiedTime(entry).toInstant();
        if (used.isBefore(now.minus(half ? LEFT_BEHIND : UNUSED))) {
          delete(entry);
        }
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  @Override
  public void close() {
    if (!stays) {
      try {
        delete(folder);
      } catch (IOException e) {
        throw new DataException(folder, "it cannot be removed: " + e.getMessage(), e);
      }
    }
  }
}
