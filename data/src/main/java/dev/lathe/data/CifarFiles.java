package dev.lathe.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Reads CIFAR-10 ({@code data_batch_1.bin} …, {@code test_batch.bin}) and CIFAR-100 ({@code
 * train.bin}, {@code test.bin}, fine labels) in the binary form that their authors publish, in the
 * given folder or the one that their archive unpacks to.
 */
final class CifarFiles {
  private static final int SIDE = 32;
  private static final int PIXELS = 3 * SIDE * SIDE;

  private CifarFiles() {}

  /** What differs between the two sets. */
  private record Variant(String name, int labelBytes, int classes, String namesFile) {
    int record() {
      return labelBytes + PIXELS;
    }
  }

  private static final Variant TEN = new Variant("cifar10", 1, 10, "batches.meta.txt");
  private static final Variant HUNDRED = new Variant("cifar100", 2, 100, "fine_label_names.txt");

  static RawDataSet read(Path directory, int resolution, Progress progress) {
    for (Path folder :
        List.of(
            directory,
            directory.resolve("cifar-10-batches-bin"),
            directory.resolve("cifar-100-binary"))) {
      List<Path> batches = batches(folder);
      if (!batches.isEmpty()) {
        return read(TEN, folder, batches, "test_batch.bin", resolution, progress);
      }
      if (Files.exists(folder.resolve("train.bin"))) {
        List<Path> train = List.of(folder.resolve("train.bin"));
        return read(HUNDRED, folder, train, "test.bin", resolution, progress);
      }
    }
    throw new DataException(
        directory,
        "no CIFAR files here ('data_batch_1.bin' of CIFAR-10 or 'train.bin' of CIFAR-100). Maybe this is the Python version; the binary version is needed, or use 'folder:' for image files.");
  }

  private static List<Path> batches(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("data_batch_\\d+\\.bin"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new DataException(folder, "the folder cannot be read: " + e.getMessage(), e);
    }
  }

  private static RawDataSet read(
      Variant variant,
      Path folder,
      List<Path> trainFiles,
      String testName,
      int resolution,
      Progress progress) {
    int side = resolution > 0 ? resolution : SIDE;
    progress.at(0, "reading " + variant.name());
    LabelledImages train = images(variant, trainFiles);
    Path testFile = folder.resolve(testName);
    Optional<LabelledImages> test =
        Files.exists(testFile) ? Optional.of(images(variant, List.of(testFile))) : Optional.empty();
    progress.at(1, "images read");
    return new RawDataSet(
        variant.name(),
        classes(variant, folder),
        ImageSource.of(train, test, side, side),
        true,
        new Findings());
  }

  private static LabelledImages images(Variant variant, List<Path> files) {
    long total = 0;
    List<byte[]> contents = new ArrayList<>();
    for (Path file : files) {
      byte[] content = content(variant, file);
      total += content.length / variant.record();
      contents.add(content);
    }
    DataSets.checkMemory(total * PIXELS);
    byte[] pixels = new byte[Math.toIntExact(total * PIXELS)];
    int[] labels = new int[(int) total];
    int at = 0;
    for (int f = 0; f < files.size(); f++) {
      byte[] content = contents.get(f);
      for (int from = 0; from < content.length; from += variant.record()) {
        int offset = from + variant.labelBytes() - 1;
        int label = content[offset] & 0xff;
        if (label >= variant.classes()) {
          throw new DataException(
              files.get(f),
              offset,
              "label %d, but %s has labels 0 to %d only. Maybe the file is damaged or of the other CIFAR set."
                  .formatted(label, variant.name(), variant.classes() - 1));
        }
        labels[at] = label;
        System.arraycopy(content, offset + 1, pixels, at * PIXELS, PIXELS);
        at++;
      }
    }
    return LabelledImages.of(new ImageShape(3, SIDE, SIDE), pixels, labels);
  }

  private static byte[] content(Variant variant, Path file) {
    byte[] content;
    try {
      DataSets.checkMemory(Files.size(file));
      content = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new DataException(file, "the file cannot be read: " + e.getMessage(), e);
    }
    int rest = content.length % variant.record();
    if (content.length == 0 || rest != 0) {
      throw new DataException(
          file,
          content.length,
          "the file ends %d bytes into an image; each takes %d bytes. Maybe its download was cut off."
              .formatted(rest, variant.record()));
    }
    return content;
  }

  private static List<String> classes(Variant variant, Path folder) {
    Path file = folder.resolve(variant.namesFile());
    if (!Files.exists(file)) {
      return IntStream.range(0, variant.classes()).mapToObj(Integer::toString).toList();
    }
    List<String> names;
    try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
      names = lines.map(String::strip).filter(line -> !line.isEmpty()).toList();
    } catch (IOException | java.io.UncheckedIOException e) {
      throw new DataException(file, "the class names cannot be read: " + e.getMessage(), e);
    }
    if (names.size() != variant.classes()) {
      throw new DataException(
          file, "%d class names instead of %d.".formatted(names.size(), variant.classes()));
    }
    return names;
  }
}
