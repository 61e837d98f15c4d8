package dev.lathe.farm.agent;

import dev.lathe.farm.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * ONNX files by their SHA-256. A file that is found is hashed again before it is used; the least
 * recently used go when there are too many bytes.
 */
final class ModelCache {
  private static final int TRIM_EVERY = 64;

  private final Path folder;
  private final long maxBytes;
  private int stored;

  ModelCache(Path folder, long maxBytes) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.maxBytes = maxBytes;
  }

  /** The file with that hash, if it is here and whole. */
  Optional<Path> find(String sha256) throws IOException {
    Path file = file(sha256);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    if (!Sha256.of(Files.readAllBytes(file)).equals(sha256)) {
      Files.delete(file);
      return Optional.empty();
    }
    Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    return Optional.of(file);
  }

  /** Stores bytes that are known to have that hash. */
  Path store(String sha256, byte[] bytes) throws IOException {
    if (stored++ % TRIM_EVERY == 0) {
      trim();
    }
    Path temporary = Files.createTempFile(folder, "new-", ".tmp");
    try {
      Files.write(temporary, bytes);
      return Files.move(temporary, file(sha256), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  private void trim() throws IOException {
    List<Path> newestFirst;
    try (Stream<Path> files = Files.list(folder)) {
      newestFirst = new ArrayList<>(files.toList());
    }
    newestFirst.sort((a, b) -> Long.compare(b.toFile().lastModified(), a.toFile().lastModified()));
    long total = 0;
    for (Path file : newestFirst) {
      total += file.toFile().length();
      if (total > maxBytes) {
        Files.deleteIfExists(file);
      }
    }
  }

  private Path file(String sha256) {
    return folder.resolve(sha256 + ".onnx");
  }
}
