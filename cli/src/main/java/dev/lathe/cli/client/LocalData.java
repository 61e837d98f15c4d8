package dev.lathe.cli.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A data set on the user's machine, as {@code folder:DIR}: what a service is sent of it.
 *
 * @param kind how it is read, as {@code folder}
 * @param path a folder, or a file
 */
public record LocalData(String kind, Path path) {
  private static final int PIPE = 1 << 20;

  /** The data set that a specification names; empty if it names none of this machine. */
  public static Optional<LocalData> of(String spec) {
    int colon = spec.indexOf(':');
    if (colon < 1 || spec.startsWith("dataset:") || spec.startsWith("noise:")) {
      return Optional.empty();
    }
    return Optional.of(
        new LocalData(
            spec.substring(0, colon),
            Path.of(spec.substring(colon + 1)).toAbsolutePath().normalize()));
  }

  /**
   * Makes a data set known to a service: registers it where the service may read it, else sends it,
   * unless the same was made known before.
   *
   * @param spec as the user wrote it
   * @return how requests name it
   */
  public static String known(ServiceClient client, String spec) throws IOException {
    Optional<LocalData> local = of(spec);
    if (local.isEmpty()) {
      return spec;
    }
    String name = local.get().name();
    if (!client.has("datasets/" + name)) {
      local.get().bring(client, name);
    }
    return "dataset:" + name;
  }

  private void bring(ServiceClient client, String name) throws IOException {
    if (!client.isLocal() || !register(client, name)) {
      upload(client, name);
    }
  }

  /** Registers it under a name; false if the service's operator did not open its folder to it. */
  public boolean register(ServiceClient client, String name) throws IOException {
    try {
      var unused =
          client.post(
              "datasets",
              ServiceClient.object()
                  .put("name", name)
                  .put("kind", kind)
                  .put("path", path.toString()));
      return true;
    } catch (ServiceRefusal e) {
      if (e.status() == 403 || e.status() == 404) {
        return false;
      }
      throw e;
    }
  }

  /** Sends it under a name, packed on its way. */
  public void upload(ServiceClient client, String name) throws IOException {
    requireThere();
    client.put("datasets/%s?kind=%s".formatted(name, kind), "application/zip", this::zip);
  }

  /** As {@code folder:DIR}, with its whole path. */
  public String spec() {
    return kind + ":" + path;
  }

  /**
   * Fails early.
   *
   * @throws IOException if there is nothing at its path
   */
  public void requireThere() throws IOException {
    if (!Files.exists(path)) {
      throw new IOException(
          "'%s' does not exist. Maybe the path is relative to another folder.".formatted(path));
    }
  }

  /**
   * A name that tells its content apart: the folder's own, and a digest of the names, lengths and
   * times of its files.
   */
  public String name() throws IOException {
    requireThere();
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((kind + ":" + path).getBytes(StandardCharsets.UTF_8));
      for (Path file : files()) {
        digest.update(
            "%s %d %s;"
                .formatted(inner(file), Files.size(file), Files.getLastModifiedTime(file))
                .getBytes(StandardCharsets.UTF_8));
      }
      String leaf =
          String.valueOf(path.getFileName())
              .replaceAll("[^A-Za-z0-9._-]", "-")
              .replaceAll("^[._-]+", "");
      String shown = leaf.isEmpty() ? kind : leaf.substring(0, Math.min(leaf.length(), 60));
      return shown + "-" + HexFormat.of().formatHex(digest.digest()).substring(0, 10);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(path, FileVisitOption.FOLLOW_LINKS)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The name of a file within the archive. */
  private String inner(Path file) {
    Path base = Files.isDirectory(path) ? path : path.getParent();
    return base.relativize(file).toString().replace('\\', '/');
  }

  /** Its files as a zip archive, written while it is read. */
  InputStream zip() {
    try {
      PipedOutputStream end = new PipedOutputStream();
      PipedInputStream in = new PipedInputStream(end, PIPE);
      Thread.ofVirtual().start(() -> write(end));
      return in;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(OutputStream end) {
    try (end;
        ZipOutputStream zip = new ZipOutputStream(end, StandardCharsets.UTF_8)) {
      zip.setLevel(Deflater.BEST_SPEED); // Pictures are packed already.
      for (Path file : files()) {
        zip.putNextEntry(new ZipEntry(inner(file)));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    } catch (IOException e) {
      // The reader sees an archive that is cut off, and the service refuses it.
      return;
    }
  }
}
