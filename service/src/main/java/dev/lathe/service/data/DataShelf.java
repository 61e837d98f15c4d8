package dev.lathe.service.data;

import dev.lathe.data.DataException;
import dev.lathe.data.DataSets;
import dev.lathe.data.Progress;
import dev.lathe.data.archive.ArchiveIntake;
import dev.lathe.data.archive.IntakeLimits;
import dev.lathe.data.archive.IntakeRefused;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The data sets that requests may name: {@code dataset:NAME}. They are sent as archives, or lie
 * below the folders that the operator opened to registration ({@code lathe.data.roots}, separated
 * by colons); no request names another place of this machine.
 */
@ApplicationScoped
public class DataShelf {
  /** Before the name of a data set in requests. */
  public static final String PREFIX = "dataset:";

  private static final Logger LOG = Logger.getLogger(DataShelf.class);
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,79}";

  private final Path folder;
  private final List<Path> roots;
  private final IntakeLimits limits;
  private final InstantSource clock;

  DataShelf(
      @ConfigProperty(name = "lathe.home") Path home,
      @ConfigProperty(name = "lathe.data.roots") Optional<String> roots,
      @ConfigProperty(name = "lathe.data.max-archive-bytes") Optional<Long> maxArchiveBytes,
      InstantSource clock) {
    this.folder = home.toAbsolutePath().resolve("data-sets");
    this.roots =
        Arrays.stream(roots.orElse("").split(":"))
            .filter(root -> !root.isBlank())
            .map(Path::of)
            .toList();
    IntakeLimits usual = IntakeLimits.USUAL;
    this.limits =
        maxArchiveBytes
            .map(
                most ->
                    new IntakeLimits(most, 4 * most, usual.files(), usual.ratio(), usual.free()))
            .orElse(usual);
    this.clock = clock;
  }

  /** All of them, by name. */
  public List<StoredDataRow> all() {
    return Transactions.call(() -> StoredDataRow.list("order by name"));
  }

  /** One of them. */
  public Optional<StoredDataRow> find(String name) {
    return Transactions.call(() -> row(name));
  }

  private static Optional<StoredDataRow> row(String name) {
    return StoredDataRow.<StoredDataRow>find("name", name).firstResultOptional();
  }

  /**
   * Takes a data set in.
   *
   * @param kind how it is read: {@code folder}, {@code csv}, {@code parquet}, {@code idx}, …
   * @param archive zip, tar or tar within gzip; read once, never held in memory
   * @throws IntakeRefused saying what is wrong
   */
  public StoredDataRow upload(String name, String kind, InputStream archive) throws IOException {
    requireFree(name);
    Files.createDirectories(folder);
    Path part = folder.resolve(".part-" + UUID.randomUUID());
    try {
      Files.createDirectory(part);
      Path packed = part.resolve("archive");
      String sha256 = receive(archive, packed);
      Path content = Files.createDirectory(part.resolve("content"));
      ArchiveIntake.Unpacked unpacked =
          ArchiveIntake.unpack(packed, content, limits, Progress.none());
      Path inner = withoutWrapping(content);
      requireReadable(kind, inner);
      Path place = folder.resolve(name);
      StoredDataRow row = row(name, kind, place);
      row.uploaded = true;
      row.files = unpacked.files();
      row.bytes = unpacked.bytes();
      row.sha256 = sha256;
      delete(place); // left by one whose row is gone
      store(row, () -> move(inner, place));
      return row;
    } finally {
      delete(part);
    }
  }

  /**
   * Notes a data set that lies on this machine.
   *
   * @throws Problem if it is not below a folder that the operator opened; the same words whether it
   *     is there or not
   */
  public StoredDataRow register(String name, String kind, String path) {
    requireFree(name);
    Path place = belowRoot(path);
    requireReadable(kind, place);
    StoredDataRow row = row(name, kind, place);
    store(row, () -> {});
    return row;
  }

  /** Removes one; what was sent is deleted, what was registered stays where it lies. */
  public boolean remove(String name) {
    Optional<StoredDataRow> removed =
        Transactions.call(
            () -> {
              Optional<StoredDataRow> row = row(name);
              row.ifPresent(StoredDataRow::delete);
              return row;
            });
    removed.filter(row -> row.uploaded).ifPresent(row -> delete(Path.of(row.location)));
    return removed.isPresent();
  }

  /**
   * Where the data that a request names lie, in the words of {@link DataSets}.
   *
   * @throws InvalidSearch if the request names no data set of this service
   */
  public String locate(String data) {
    if (data.equals("builtin") || data.matches("noise(:[1-9][0-9]{0,4})?")) {
      return data;
    }
    if (!data.startsWith(PREFIX)) {
      throw new InvalidSearch(
          "data",
          "data '%s' is neither 'builtin' nor 'dataset:NAME': requests name no folder of the service's machine. Maybe send it first: ./lathe dataset upload NAME folder:DIR"
              .formatted(data.length() > 100 ? data.substring(0, 100) : data));
    }
    String name = data.substring(PREFIX.length());
    return find(name)
        .map(row -> row.kind + ":" + row.location)
        .orElseThrow(
            () ->
                new InvalidSearch(
                    "data",
                    "there is no data set '%s'. Maybe send it first: ./lathe dataset upload NAME folder:DIR"
                        .formatted(name)));
  }

  /**
   * SHA-256 of what a data set is at this moment: of its archive where it was sent, else of the
   * paths, sizes and times of its files. Empty for what is drawn rather than read, and for unknown
   * names.
   */
  public Optional<String> sha256(String data) {
    return data.startsWith(PREFIX)
        ? find(data.substring(PREFIX.length()))
            .map(
                row ->
                    row.sha256 == null ? FolderListing.sha256(Path.of(row.location)) : row.sha256)
        : Optional.empty();
  }

  /** A text in which data sets are told by their names instead of where they lie. */
  public String withoutPlaces(String text) {
    String told = text;
    for (StoredDataRow row : all()) {
      told = told.replace(row.location, PREFIX + row.name);
    }
    return told;
  }

  private StoredDataRow row(String name, String kind, Path place) {
    StoredDataRow row = new StoredDataRow();
    row.name = name;
    row.kind = kind;
    row.location = place.toString();
    row.createdAt = clock.instant();
    return row;
  }

  /** The row and what goes with it, whole or not at all; of two of one name the second fails. */
  private static void store(StoredDataRow row, Runnable move) {
    Transactions.run(
        () -> {
          row.persistAndFlush();
          move.run();
        });
  }

  private void requireFree(String name) {
    if (!name.matches(NAME)) {
      throw Problem.invalid(
          "name",
          "name must have 1 to 80 letters, digits, points, dashes or underscores, and not begin with one of the last three.");
    }
    if (find(name).isPresent()) {
      throw Problem.conflict(
          "there is a data set '%s' already. Maybe choose another name, or delete that one first."
              .formatted(name));
    }
  }

  private String receive(InputStream archive, Path file) throws IOException {
    try (DigestInputStream in =
            new DigestInputStream(archive, MessageDigest.getInstance("SHA-256"));
        var out = Files.newOutputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      long bytes = 0;
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        bytes += read;
        if (bytes > limits.archiveBytes()) {
          throw IntakeRefused.tooLarge(
              "the archive has more than %d bytes.".formatted(limits.archiveBytes()));
        }
        if (Files.getFileStore(folder).getUsableSpace() < limits.free()) {
          throw IntakeRefused.tooLarge("the service's disk has no room for it.");
        }
        out.write(buffer, 0, read);
      }
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** A folder around everything is none of the data's. */
  private static Path withoutWrapping(Path content) throws IOException {
    Path inner = content;
    while (true) {
      List<Path> entries;
      try (Stream<Path> files = Files.list(inner)) {
        entries =
            files.filter(file -> !file.getFileName().toString().startsWith(".")).limit(2).toList();
      }
      boolean wraps =
          entries.size() == 1
              && Files.isDirectory(entries.getFirst())
              && !entries.getFirst().getFileName().toString().equals("train");
      if (!wraps) {
        return inner;
      }
      inner = entries.getFirst();
    }
  }

  private static void requireReadable(String kind, Path place) {
    if (kind.equals("csv") && !Files.isDirectory(place)) {
      throw Problem.invalid(
          "kind",
          "a table may name pictures anywhere; kind 'csv' takes a folder, and pictures below it. Maybe name the folder around the table.");
    }
    try {
      DataSets.check(kind + ":" + place);
    } catch (DataException e) {
      throw Problem.invalid(
          "kind", String.valueOf(e.getMessage()).replace(place.toString(), "the data set"));
    }
  }

  private Path belowRoot(String path) {
    try {
      Path place = Path.of(path).toRealPath();
      for (Path root : roots) {
        if (Files.isDirectory(root) && place.startsWith(root.toRealPath())) {
          return place;
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      // Told as any other place, lest the words tell what there is on this machine.
    }
    throw Problem.forbidden(
        "this is not below a folder that the operator opened to registration. Maybe start the service with ./lathe serve --data-root DIR, or send the data: ./lathe dataset upload NAME folder:DIR");
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
      LOG.warnf("%s could not be deleted: %s", folder, e.getMessage());
    }
  }
}
