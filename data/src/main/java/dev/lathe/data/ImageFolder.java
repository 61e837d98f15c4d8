package dev.lathe.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An image folder: one folder a class, named like it, below {@code train/} and {@code test/} or
 * directly. The files are found first; only those that are used are decoded, in parallel.
 */
final class ImageFolder implements ImageSource {
  private static final int CHUNK = 64;
  private static final int HEADERS_READ = 200;

  private final List<Path> files;
  private final int[] labels;
  private final int side;

  private ImageFolder(List<Path> files, int[] labels, int side) {
    this.files = files;
    this.labels = labels;
    this.side = side;
  }

  static RawDataSet open(Path directory, DataOptions options) {
    boolean hasTrain = Files.isDirectory(directory.resolve("train"));
    boolean hasTest = Files.isDirectory(directory.resolve("test"));
    if (hasTest && !hasTrain) {
      throw new DataException(
          directory,
          "there is a folder 'test' but none named 'train'. Maybe rename the one with the training images.");
    }
    if (hasTrain && !hasTest) {
      for (String other : List.of("val", "valid", "validation")) {
        if (Files.isDirectory(directory.resolve(other))) {
          throw new DataException(
              directory,
              "there are folders 'train' and '%s' but none named 'test'. Maybe rename '%s' to 'test': the validation images are taken from 'train'."
                  .formatted(other, other));
        }
      }
    }
    Path trainRoot = hasTrain ? directory.resolve("train") : directory;
    Map<String, List<Path>> train = filesByClass(trainRoot);
    List<String> classes = List.copyOf(train.keySet());
    int side =
        options.resolution() > 0
            ? options.resolution()
            : nativeSide(train.values().stream().flatMap(List::stream).toList());
    Optional<ImageSource> test = Optional.empty();
    if (hasTest) {
      Map<String, List<Path>> testFiles = filesByClass(directory.resolve("test"));
      for (String name : testFiles.keySet()) {
        if (!train.containsKey(name)) {
          throw new DataException(
              directory.resolve("test").resolve(name),
              "class '%s' has test images but none in 'train'.".formatted(name));
        }
      }
      test = Optional.of(source(testFiles, classes, side));
    }
    return new RawDataSet(
        "folder:" + directory.toAbsolutePath().normalize().getFileName(),
        classes,
        source(train, classes, side),
        test,
        mirrorsWell(classes));
  }

  /** Whether mirrored images keep their class: not letters and digits, not left and right. */
  private static boolean mirrorsWell(List<String> classes) {
    return classes.stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .noneMatch(
            name ->
                name.length() == 1
                    || name.matches("\\d+")
                    || name.contains("left")
                    || name.contains("right"));
  }

  private static ImageFolder source(
      Map<String, List<Path>> filesByClass, List<String> classes, int side) {
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    filesByClass.forEach(
        (name, members) -> {
          files.addAll(members);
          labels.addAll(Collections.nCopies(members.size(), classes.indexOf(name)));
        });
    return new ImageFolder(files, labels.stream().mapToInt(Integer::intValue).toArray(), side);
  }

  /** Files of each class, both sorted by name; hidden folders and other files are passed over. */
  private static Map<String, List<Path>> filesByClass(Path root) {
    Map<String, List<Path>> result = new TreeMap<>();
    for (Path folder : entries(root, Files::isDirectory)) {
      List<Path> images = new ArrayList<>();
      try (Stream<Path> files = Files.walk(folder, 8, FileVisitOption.FOLLOW_LINKS)) {
        files
            .filter(ImageDecoder::accepts)
            .filter(Files::isRegularFile)
            .sorted()
            .forEach(images::add);
      } catch (IOException | UncheckedIOException e) {
        throw new DataException(folder, "the folder cannot be read: " + e.getMessage(), e);
      }
      if (images.isEmpty()) {
        throw new DataException(
            folder,
            "no JPEG or PNG image is in this class's folder. Maybe convert its files, or remove it.");
      }
      result.put(folder.getFileName().toString(), images);
    }
    if (result.isEmpty()) {
      boolean loose = !entries(root, ImageDecoder::accepts).isEmpty();
      throw new DataException(
          root,
          loose
              ? "the images lie directly in this folder. Maybe sort them into one folder a class."
              : "there is no class folder with images in it. Maybe the path is wrong.");
    }
    return result;
  }

  private static List<Path> entries(Path root, Predicate<Path> wanted) {
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .filter(entry -> !entry.getFileName().toString().startsWith("."))
          .filter(wanted)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new DataException(root, "the folder cannot be read: " + e.getMessage(), e);
    }
  }

  /** The median of the shorter sides of some of the images, within what is trained by default. */
  private static int nativeSide(List<Path> files) {
    int step = Math.max(1, files.size() / HEADERS_READ);
    ImageDecoder decoder = new ImageDecoder();
    int[] sides =
        IntStream.iterate(0, i -> i < files.size(), i -> i + step)
            .map(i -> decoder.shorterSide(files.get(i)))
            .filter(length -> length > 0)
            .sorted()
            .toArray();
    int median = sides.length == 0 ? DataOptions.LARGEST_NATIVE : sides[sides.length / 2];
    return Math.clamp(median, 8, DataOptions.LARGEST_NATIVE);
  }

  @Override
  public int[] labels() {
    return labels;
  }

  @Override
  public LabelledImages read(int[] indices, Progress progress) {
    ImageShape shape = new ImageShape(3, side, side);
    DataSets.checkMemory((long) indices.length * shape.values());
    byte[] pixels = new byte[Math.multiplyExact(indices.length, shape.values())];
    DataException[] failures = new DataException[indices.length];
    int chunks = (indices.length + CHUNK - 1) / CHUNK;
    AtomicInteger done = new AtomicInteger();
    IntStream.range(0, chunks)
        .parallel()
        .forEach(
            chunk -> {
              ImageDecoder decoder = new ImageDecoder();
              int end = Math.min(indices.length, (chunk + 1) * CHUNK);
              for (int i = chunk * CHUNK; i < end; i++) {
                try {
                  decoder.decode(files.get(indices[i]), side, pixels, i * shape.values());
                } catch (DataException failure) {
                  failures[i] = failure;
                }
              }
              synchronized (done) {
                progress.at(
                    (double) done.incrementAndGet() / chunks,
                    "reading images (%d of %d)"
                        .formatted(Math.min(done.get() * CHUNK, indices.length), indices.length));
              }
            });
    List<DataException> failed = Arrays.stream(failures).filter(f -> f != null).toList();
    if (!failed.isEmpty()) {
      // Files are read in random order; people look for them by name.
      DataException first =
          failed.stream().min(java.util.Comparator.comparing(Throwable::getMessage)).orElseThrow();
      throw failed.size() == 1
          ? first
          : new DataException(
              "%d of %d images cannot be read, among them %s"
                  .formatted(failed.size(), indices.length, first.getMessage()));
    }
    return LabelledImages.of(shape, pixels, Arrays.stream(indices).map(i -> labels[i]).toArray());
  }
}
