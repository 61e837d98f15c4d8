package dev.lathe.service.store;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** What the home folder takes of its disk, and what is left of that. */
@ApplicationScoped
public class DiskUse {
  /** Below so much, what is stored may fail at any moment. */
  private static final long LEAST_FREE_BYTES = 1L << 30;

  private static final long KEPT_NANOS = 60_000_000_000L;
  private static final int KEPT_TIMES_ITS_TAKING = 20;
  private static final String OTHER = "other";

  /** What the folders of a home hold, by their names. */
  private static final Map<String, String> HOLD =
      Map.of(
          "postgres", "database",
          "artifacts", "artifacts",
          "data-sets", "dataSets",
          "data", "decodedImages",
          "work", "work",
          "agent", "agent",
          "logs", "logs");

  private final Path home;
  private final InstantSource clock;
  private @Nullable Taken kept;
  private long keptUntil;

  DiskUse(@ConfigProperty(name = "lathe.home") Path home, InstantSource clock) {
    this.home = home;
    this.clock = clock;
  }

  /**
   * What is taken, in bytes.
   *
   * @param total of the disk
   * @param free of these
   * @param home of these, what this service keeps
   * @param parts of the home by what they hold
   */
  public record Taken(long total, long free, long home, Map<String, Long> parts, Instant lookedAt) {
    /** Whether so little is free that what is stored may fail. */
    public boolean isLow() {
      return free < LEAST_FREE_BYTES;
    }
  }

  /**
   * What is taken; of the parts, as it was a minute ago at most, or a little more where that takes
   * long.
   */
  public synchronized Taken taken() throws IOException {
    Taken known = kept;
    if (known == null || System.nanoTime() - keptUntil > 0) {
      return look();
    }
    FileStore disk = Files.getFileStore(home);
    return new Taken(
        disk.getTotalSpace(), disk.getUsableSpace(), known.home, known.parts, known.lookedAt);
  }

  /** What is taken now; to be called with the lock held. */
  private Taken look() throws IOException {
    long start = System.nanoTime();
    Map<String, Long> parts = new TreeMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(home)) {
      for (Path entry : entries) {
        parts.merge(
            HOLD.getOrDefault(String.valueOf(entry.getFileName()), OTHER), bytes(entry), Long::sum);
      }
    }
    FileStore disk = Files.getFileStore(home);
    Taken taken =
        new Taken(
            disk.getTotalSpace(),
            disk.getUsableSpace(),
            parts.values().stream().mapToLong(Long::longValue).sum(),
            parts,
            clock.instant());
    long end = System.nanoTime();
    kept = taken;
    keptUntil = end + Math.max(KEPT_NANOS, KEPT_TIMES_ITS_TAKING * (end - start));
    return taken;
  }

  /** Of all files below a place; those that vanish meanwhile, as a database's do, count nothing. */
  private static long bytes(Path place) throws IOException {
    long[] sum = {0};
    Files.walkFileTree(
        place,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            sum[0] += attributes.size();
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) {
            return FileVisitResult.CONTINUE;
          }
        });
    return sum[0];
  }
}
