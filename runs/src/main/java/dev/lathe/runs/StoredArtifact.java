package dev.lathe.runs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file in the artifact store.
 *
 * @param id by which the REST API gives it out
 * @param sha256 of the content, in hexadecimal
 * @param bytes length of the content
 * @param path of the content; never changed once it is there
 */
public record StoredArtifact(long id, String sha256, long bytes, Path path, ArtifactRecord record) {
  /**
   * Reads the content.
   *
   * @throws UncheckedIOException naming the artifact
   */
  public byte[] read() {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read '%s' from the artifact store: %s".formatted(record.key(), e.getMessage()),
          e);
    }
  }
}
