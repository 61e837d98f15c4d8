package dev.lathe.data;

import dev.lathe.data.archive.ParquetPictures;
import dev.lathe.data.archive.UnpackedData;
import dev.lathe.data.folder.FolderScan;
import dev.lathe.data.folder.LabelTable;
import dev.lathe.data.folder.Listing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Loads data sets by a specification: {@code builtin}, {@code idx:DIR}, {@code cifar:DIR}, {@code
 * folder:DIR}, {@code csv:FILE}, {@code zip:FILE}, {@code tar:FILE}, {@code parquet:FILE}.
 */
public final class DataSets {
  /** The specifications there are, for people. */
  public static final String KINDS =
      "builtin, folder:DIR, csv:FILE (columns file, label, split), zip:FILE, tar:FILE,"
          + " parquet:FILE or DIR (Hugging Face), idx:DIR (MNIST family), cifar:DIR (CIFAR binary)";

  private static final int BUILTIN_TRAIN = 10_000;
  private static final int BUILTIN_VALIDATION = 2_000;
  private static final int BUILTIN_TEST = 10_000;

  private static final Set<String> FOLDERS = Set.of("idx", "cifar", "folder");
  private static final Set<String> ARCHIVES = Set.of("zip", "tar", "tar.gz", "tgz");
  private static final Set<String> FORMATS =
      Set.of("idx", "cifar", "folder", "csv", "parquet", "zip", "tar", "tar.gz", "tgz");

  private DataSets() {}

  /**
   * Loads a data set; every image has three channels (grey ones are repeated).
   *
   * <ul>
   *   <li>{@code builtin}: drawn shapes of ten classes.
   *   <li>{@code idx:DIR}: the MNIST family, plain or gzipped; a single split is divided 70 : 15 :
   *       15.
   *   <li>{@code cifar:DIR}: CIFAR-10 or CIFAR-100 in their binary form.
   *   <li>{@code folder:DIR}: pictures in a folder a class, below folders named like splits or
   *       directly; without any split divided 70 : 15 : 15.
   *   <li>{@code csv:FILE} or {@code csv:DIR}: pictures that a table names, with their classes and
   *       perhaps splits.
   *   <li>{@code zip:FILE}, {@code tar:FILE}, {@code tar.gz:FILE}: an archive of such a folder.
   *   <li>{@code parquet:FILE} or {@code parquet:DIR}: pictures as bytes, as Hugging Face's data
   *       sets have them.
   * </ul>
   *
   * @param spec what to load, as above
   * @throws DataException if the specification is not of this form, a file is missing or wrong, or
   *     there are fewer than two classes
   */
  public static DataSet load(String spec, DataOptions options, Progress progress) {
    return open(spec, options, progress).data();
  }

  /** Loads a data set as {@link #load} does, together with what was noticed on the way. */
  public static LoadedData open(String spec, DataOptions options, Progress progress) {
    check(spec);
    if (spec.equals("builtin")) {
      return LoadedData.drawn(builtin(options, progress));
    }
    Path place = place(spec);
    progress.at(0, "looking through " + place);
    Progress reading = progress.between(0, 0.5);
    return switch (format(spec)) {
      case "idx" -> divide(IdxFiles.read(place, options.resolution(), reading), options, progress);
      case "cifar" ->
          divide(CifarFiles.read(place, options.resolution(), reading), options, progress);
      case "csv" -> divide(FolderSource.of(LabelTable.of(place), options), options, progress);
      case "parquet" ->
          unpacked(
              format(spec),
              place,
              UnpackedData.parquet(place, options.cache(), reading),
              options,
              progress);
      case "folder" ->
          divide(
              FolderSource.of(FolderScan.of(place, options.skipUnreadable()), options),
              options,
              progress);
      default ->
          unpacked(
              format(spec),
              place,
              UnpackedData.archive(place, options.cache(), reading),
              options,
              progress);
    };
  }

  /** Reads what was unpacked, and speaks of it as of what it was unpacked from. */
  private static LoadedData unpacked(
      String format, Path source, UnpackedData unpacked, DataOptions options, Progress progress) {
    Path folder = unpacked.folder();
    try (unpacked) {
      boolean table = format.equals("parquet");
      Listing listing =
          (table ? LabelTable.of(folder) : FolderScan.of(folder, options.skipUnreadable()))
              .named(String.valueOf(source.getFileName()));
      listing.findings().showAs(folder, source);
      return divide(FolderSource.of(listing, options), options, progress);
    } catch (DataException e) {
      throw new DataException(
          String.valueOf(e.getMessage()).replace(folder.toString(), source.toString()), e);
    }
  }

  /**
   * Fails early if a specification cannot be loaded: checks its form and that the folder exists.
   *
   * @throws DataException saying what is wrong
   */
  public static void check(String spec) {
    if (spec.equals("builtin")) {
      return;
    }
    if (!spec.contains(":") || !FORMATS.contains(format(spec))) {
      throw new DataException(
          "data '%s' is not known. Maybe %s was meant.".formatted(spec, guess(spec)));
    }
    Path place = place(spec);
    boolean folders = FOLDERS.contains(format(spec));
    if (!Files.exists(place)) {
      throw new DataException(
          place.toAbsolutePath().normalize(),
          "this %s does not exist. Maybe the path is relative to another folder."
              .formatted(folders ? "folder" : "file"));
    }
    if (folders && !Files.isDirectory(place)) {
      throw new DataException(
          place, "this is a file, not a folder. Maybe %s was meant.".formatted(guess(place)));
    }
    if (ARCHIVES.contains(format(spec)) && Files.isDirectory(place)) {
      throw new DataException(
          place, "this is a folder, not an archive. Maybe folder:%s was meant.".formatted(place));
    }
    if (format(spec).equals("csv")) {
      LabelTable.check(place);
    }
    if (format(spec).equals("parquet")) {
      var unused = ParquetPictures.files(place);
    }
  }

  private static String guess(String spec) {
    boolean place = !spec.isBlank() && Files.exists(Path.of(spec));
    return place
        ? guess(Path.of(spec))
        : "'builtin', 'folder:DIR', 'csv:FILE', 'zip:FILE', 'tar:FILE', 'parquet:FILE', 'idx:DIR' or 'cifar:DIR'";
  }

  /** How a place would be named, by what it is called. */
  private static String guess(Path place) {
    String name = String.valueOf(place.getFileName()).toLowerCase(Locale.ROOT);
    if (Files.isDirectory(place)) {
      return "folder:" + place;
    }
    if (name.endsWith(".csv") || name.endsWith(".tsv")) {
      return "csv:" + place;
    }
    if (name.endsWith(".parquet")) {
      return "parquet:" + place;
    }
    if (name.endsWith(".zip")) {
      return "zip:" + place;
    }
    return name.matches(".*\\.(tar|tgz|tar\\.gz)") ? "tar:" + place : "the folder around it";
  }

  private static String format(String spec) {
    return spec.substring(0, Math.max(0, spec.indexOf(':')));
  }

  private static Path place(String spec) {
    String path = spec.substring(spec.indexOf(':') + 1);
    if (path.isBlank()) {
      throw new DataException("data '%s' names no place after the colon.".formatted(spec));
    }
    return Path.of(path);
  }

  private static DataSet builtin(DataOptions options, Progress progress) {
    int side = options.resolution() == 0 ? ShapeImages.SIDE : options.resolution();
    int[] wanted = {
      options.maxTrain() == 0 ? BUILTIN_TRAIN : options.maxTrain(),
      options.maxValidation() == 0 ? BUILTIN_VALIDATION : options.maxValidation(),
      options.maxTest() == 0 ? BUILTIN_TEST : options.maxTest()
    };
    double total = (double) wanted[0] + wanted[1] + wanted[2];
    ShapeImages images = new ShapeImages(side, options.seed(), options.difficulty());
    LabelledImages[] parts = new LabelledImages[3];
    double at = 0;
    for (int p = 0; p < 3; p++) {
      double to = at + wanted[p] / total;
      parts[p] = images.draw(p, wanted[p], options.scratchFolder(), progress.between(at, to));
      at = to;
    }
    return DataSet.of("builtin", ShapeImages.classes(), parts[0], parts[1], parts[2], true);
  }

  private static LoadedData divide(RawDataSet raw, DataOptions options, Progress progress) {
    if (raw.classes().size() < 2) {
      throw new DataException(
          "data set '%s' has one class only (%s); there must be at least two to tell apart. Maybe the folder is one level too deep."
              .formatted(raw.name(), String.join(", ", raw.classes())));
    }
    Division division = Division.of(raw, options);
    ImageSource.Reading reading = raw.images().read(division.chosen(), progress.between(0, 0.9));
    Division kept = division.retain(reading.kept());
    checkTrained(raw, kept);
    LabelledImages[] parts = new LabelledImages[3];
    for (int p = 0; p < 3; p++) {
      int[] places = kept.part(p);
      int[] at = new int[places.length];
      for (int i = 0; i < at.length; i++) {
        at[i] = Arrays.binarySearch(reading.kept(), places[i]);
      }
      parts[p] = reading.images().subset(at);
    }
    progress.at(0.95, "hashing images");
    DataSet result =
        DataSet.of(raw.name(), raw.classes(), parts[0], parts[1], parts[2], raw.horizontalFlip());
    progress.at(1, "data set ready");
    return new LoadedData(
        kept.drawn() ? result.withDrawnValidation() : result, raw, kept, reading.files());
  }

  private static void checkTrained(RawDataSet raw, Division division) {
    Set<Integer> seen = new HashSet<>();
    for (int place : division.train()) {
      seen.add(raw.images().labels()[place]);
    }
    for (int label = 0; label < raw.classes().size(); label++) {
      if (!seen.contains(label)) {
        throw new DataException(
            "class '%s' has no image among the %d chosen for training. Maybe allow more training images."
                .formatted(raw.classes().get(label), division.train().length));
      }
    }
    if (division.test().length == 0 || division.validation().length == 0) {
      throw new DataException(
          "data set '%s' has no %s image that can be read."
              .formatted(raw.name(), division.test().length == 0 ? "test" : "validation"));
    }
  }

  /** Fails before memory runs out rather than after. */
  static void checkMemory(long pixelBytes) {
    long available = Runtime.getRuntime().maxMemory();
    if (pixelBytes > available * 6 / 10) {
      throw new DataException(
          "the images would take %d MB of the %d MB that this Java process may use. Maybe lower the resolution or the number of images, or give it more with LATHE_JAVA_OPTS=-Xmx%dm."
              .formatted(pixelBytes >> 20, available >> 20, (pixelBytes >> 19) + 512));
    }
  }
}
