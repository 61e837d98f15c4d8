package dev.lathe.cli.client;

import dev.lathe.data.Findings;
import dev.lathe.data.Split;
import dev.lathe.data.archive.ParquetPictures;
import dev.lathe.data.folder.LabelTable;
import dev.lathe.data.folder.Listing;
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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * A data set on the user's machine, as {@code folder:DIR}: what a service is sent of it.
 *
 * @param kind how it is read, as {@code folder}
 * @param path a folder, or a file
 */
public record LocalData(String kind, Path path) {
  private static final int PIPE = 1 << 20;
  private static final Set<String> ARCHIVES = Set.of("zip", "tar", "tar.gz", "tgz");
  private static final String TABLE = "labels.csv";

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
    if (isTable()) {
      return false; // It may name pictures that lie anywhere.
    }
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

  /** Sends it under a name, packed on its way; an archive as it is. */
  public void upload(ServiceClient client, String name) throws IOException {
    requireThere();
    if (ARCHIVES.contains(kind)) {
      client.put(
          "datasets/%s?kind=folder".formatted(name), "application/octet-stream", this::archive);
      return;
    }
    List<Packed> content = content();
    client.put("datasets/%s?kind=%s".formatted(name, kind), "application/zip", () -> zip(content));
  }

  private boolean isTable() {
    return kind.equals("csv") && !Files.isDirectory(path);
  }

  private InputStream archive() {
    try {
      return Files.newInputStream(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  /**
   * What an archive of it holds.
   *
   * @param name within the archive
   */
  private record Packed(String name, Path file) {}

  /** A table's pictures are numbered: they may lie anywhere, under names that occur twice. */
  private List<Packed> content() throws IOException {
    if (kind.equals("parquet")) {
      return ParquetPictures.files(path).stream()
          .map(file -> new Packed(inner(file), file))
          .toList();
    }
    if (!kind.equals("csv")) {
      return files().stream().map(file -> new Packed(inner(file), file)).toList();
    }
    Listing listing = LabelTable.of(path);
    List<Findings.Unreadable> missing = listing.findings().unreadable();
    if (!missing.isEmpty()) {
      throw new IOException(
          "%d of the pictures that '%s' names cannot be found; the first: %s"
              .formatted(missing.size(), path, missing.getFirst().reason()));
    }
    Path table = Files.createTempFile("lathe-", ".csv");
    table.toFile().deleteOnExit();
    List<Packed> content = new ArrayList<>();
    content.add(new Packed(TABLE, table));
    try (CSVPrinter printer =
        new CSVPrinter(Files.newBufferedWriter(table, StandardCharsets.UTF_8), CSVFormat.DEFAULT)) {
      printer.printRecord("file", "label", "split");
      for (Listing.Item item : listing.items()) {
        String name = "pictures/%07d-%s".formatted(content.size(), item.file().getFileName());
        content.add(new Packed(name, item.file()));
        printer.printRecord(
            name,
            listing.classes().get(item.label()),
            item.split() == Split.WHOLE ? "" : item.split().name().toLowerCase(Locale.ROOT));
      }
    }
    return content;
  }

  private List<Path> files() throws IOException {
    if (kind.equals("csv")) {
      return Stream.concat(
              Stream.of(path).filter(Files::isRegularFile),
              LabelTable.of(path).items().stream().map(Listing.Item::file))
          .toList();
    }
    try (Stream<Path> files = Files.walk(path, FileVisitOption.FOLLOW_LINKS)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The name of a file within the archive. */
  private String inner(Path file) {
    Path base = Files.isDirectory(path) ? path : path.getParent();
    return file.startsWith(base)
        ? base.relativize(file).toString().replace('\\', '/')
        : file.toString();
  }

  /** Its files as a zip archive, written while it is read. */
  InputStream zip() throws IOException {
    return zip(content());
  }

  private static InputStream zip(List<Packed> content) {
    try {
      PipedOutputStream end = new PipedOutputStream();
      PipedInputStream in = new PipedInputStream(end, PIPE);
      Thread.ofVirtual().start(() -> write(content, end));
      return in;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(List<Packed> content, OutputStream end) {
    try (end;
        ZipOutputStream zip = new ZipOutputStream(end, StandardCharsets.UTF_8)) {
      zip.setLevel(Deflater.BEST_SPEED); // Pictures are packed already.
      for (Packed one : content) {
        zip.putNextEntry(new ZipEntry(one.name()));
        Files.copy(one.file(), zip);
        zip.closeEntry();
      }
    } catch (IOException e) {
      // The reader sees an archive that is cut off, and the service refuses it.
      return;
    }
  }
}
