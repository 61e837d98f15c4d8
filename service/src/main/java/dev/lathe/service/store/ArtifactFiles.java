package dev.lathe.service.store;

import dev.lathe.runs.ArtifactWriteException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Files under the SHA-256 of their content, in a folder. A file is written under another name,
 * forced to disk and moved into place: what has its name is whole, and is never changed.
 */
public final class ArtifactFiles {
  private static final int CHUNK = 1 << 16;
  private static final String PART = ".part";

  private final Path folder;
  private final Writer writer;

  /** How bytes reach a new file; returns when they are safe from power loss. */
  interface Writer {
    void write(Path file, byte[] content) throws IOException;
  }

  /** Files in the given folder, which is made if it is not there. */
  public ArtifactFiles(Path folder) {
    this(folder, ArtifactFiles::writeForced);
  }

  ArtifactFiles(Path folder, Writer writer) {
    this.folder = folder.toAbsolutePath();
    this.writer = writer;
  }

  /**
   * Stores the content, unless it is there already.
   *
   * @return its SHA-256 in hexadecimal
   * @throws ArtifactWriteException if it cannot be written; nothing is left of it
   */
  public String put(byte[] content) {
    String sha256 = sha256(content);
    Path file = path(sha256);
    if (isThere(file)) {
      return sha256;
    }
    Path part = folder.resolve(sha256 + "." + Thread.currentThread().threadId() + PART);
    try {
      Files.createDirectories(file.getParent());
      writer.write(part, content);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      force(file.getParent());
      return sha256;
    } catch (IOException e) {
      throw new ArtifactWriteException(
          "a file of %d bytes cannot be written to %s, where %d bytes are free (%s). Maybe make room on the disk and resume the search."
              .formatted(content.length, folder, freeBytes(), e.getMessage()),
          e);
    } finally {
      deleteQuietly(part);
    }
  }

  /** Whether a file is there; if so, it is as new as if it was stored now. */
  private static boolean isThere(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
      return true;
    } catch (IOException e) {
      return Files.exists(file);
    }
  }

  /** Where the content with this SHA-256 lies, if it is there. */
  public Path path(String sha256) {
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("'%s' is no SHA-256.".formatted(sha256));
    }
    return folder.resolve(sha256.substring(0, 2)).resolve(sha256);
  }

  /**
   * The content with this SHA-256.
   *
   * @throws FileNotFoundException if it is not there
   * @throws IOException if what is there is not what was stored
   */
  public byte[] get(String sha256) throws IOException {
    Path file = path(sha256);
    if (!Files.exists(file)) {
      throw new FileNotFoundException(
          "artifact %s is not in %s. Maybe the home folder was restored without its files."
              .formatted(sha256, folder));
    }
    byte[] content = Files.readAllBytes(file);
    if (!sha256(content).equals(sha256)) {
      throw damaged(sha256);
    }
    return content;
  }

  /**
   * Where the content with this SHA-256 lies, after it was read and found to be what was stored.
   *
   * @throws FileNotFoundException if it is not there
   * @throws IOException if it is damaged
   */
  public Path verified(String sha256) throws IOException {
    Path file = path(sha256);
    if (!Files.exists(file)) {
      throw new FileNotFoundException("artifact %s is not in %s.".formatted(sha256, folder));
    }
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(OutputStream.nullOutputStream());
      if (!HexFormat.of().formatHex(in.getMessageDigest().digest()).equals(sha256)) {
        throw damaged(sha256);
      }
      return file;
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static IOException damaged(String sha256) {
    return new IOException(
        "the file of artifact %s is not what was stored: its SHA-256 differs. Maybe the disk is failing; restore it from a backup."
            .formatted(sha256));
  }

  /**
   * Deletes what nobody has any more, and what was left half-written. Files are spared for a while
   * after they were stored, as what they belong to is noted after them.
   *
   * @param before since when a file was not stored
   * @param belongs whether the content with a SHA-256 belongs to something
   * @return how many files were deleted
   */
  public int sweep(Instant before, Predicate<String> belongs) {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    int swept = 0;
    try (Stream<Path> files = Files.walk(folder, 2)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        boolean unfinished = name.endsWith(PART);
        if ((unfinished || name.matches("[0-9a-f]{64}"))
            && isOlder(file, before)
            && (unfinished || !belongs.test(name))
            && isOlder(file, before)) {
          deleteQuietly(file);
          swept++;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the files in %s cannot be looked through".formatted(folder), e);
    }
    return swept;
  }

  private static boolean isOlder(Path file, Instant before) throws IOException {
    return Files.exists(file) && Files.getLastModifiedTime(file).toInstant().isBefore(before);
  }

  /** SHA-256 in hexadecimal. */
  public static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static void writeForced(Path file, byte[] content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeAll(channel, content);
      channel.force(true);
    }
  }

  /** Writes in chunks, as a channel may take less than it is given. */
  static void writeAll(WritableByteChannel channel, byte[] content) throws IOException {
    for (int from = 0; from < content.length; from += CHUNK) {
      ByteBuffer chunk = ByteBuffer.wrap(content, from, Math.min(CHUNK, content.length - from));
      while (chunk.hasRemaining()) {
        channel.write(chunk);
      }
    }
  }

  private static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private long freeBytes() {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      return 0;
    }
  }

  private static void deleteQuietly(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // The part has a name that nobody looks for; the folder's failure was told already.
    }
  }
}
