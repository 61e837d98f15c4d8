package dev.lathe.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Reads the IDX files of the MNIST family (MNIST, Fashion-MNIST, KMNIST, EMNIST), plain or gzipped:
 * {@code …train…images…idx3-ubyte} and {@code …t10k…} or {@code …test…}, each with a labels file of
 * the same name. Grey planes are repeated three times. Mirrored digits are no digits: no flip.
 */
final class IdxFiles {
  private IdxFiles() {}

  private record Pair(Path images, Path labels) {}

  private record Part(int height, int width, byte[] grey, byte[] labels) {}

  static RawDataSet read(Path directory, int resolution, Progress progress) {
    List<Path> imageFiles = imageFiles(directory);
    List<Pair> train = pairs(directory, imageFiles, IdxFiles::isTrain);
    List<Pair> test = pairs(directory, imageFiles, file -> isTest(file) && !isTrain(file));
    List<Pair> other = pairs(directory, imageFiles, file -> !isTest(file) && !isTrain(file));
    if (train.size() > 1 || test.size() > 1 || other.size() > 1) {
      throw new DataException(
          directory,
          "several data sets lie in one folder: %s. Maybe move each into a folder of its own."
              .formatted(imageFiles.stream().map(f -> f.getFileName().toString()).toList()));
    }
    boolean both = !train.isEmpty() && !test.isEmpty();
    Pair first = Stream.of(train, other, test).flatMap(List::stream).findFirst().orElseThrow();
    progress.at(0, "reading " + first.images().getFileName());
    Part trainPart = read(first);
    Optional<Part> testPart = both ? Optional.of(read(test.getFirst())) : Optional.empty();
    progress.at(1, "images read");

    // Classes are the labels that occur: EMNIST's letters count from 1.
    boolean[] occurs = new boolean[256];
    for (byte label : trainPart.labels()) {
      occurs[label & 0xff] = true;
    }
    int[] values = java.util.stream.IntStream.range(0, 256).filter(v -> occurs[v]).toArray();
    List<String> classes = Arrays.stream(values).mapToObj(Integer::toString).toList();
    LabelledImages source = images(first, trainPart, values);
    Optional<LabelledImages> testSource =
        testPart.map(
            part ->
                images(test.getFirst(), part, values)
                    .resized(trainPart.height(), trainPart.width()));
    int height =
        resolution > 0 ? resolution : Math.min(trainPart.height(), DataOptions.LARGEST_NATIVE);
    int width =
        resolution > 0 ? resolution : Math.min(trainPart.width(), DataOptions.LARGEST_NATIVE);
    return new RawDataSet(
        "idx:" + directory.toAbsolutePath().normalize().getFileName(),
        classes,
        ImageSource.of(source, testSource, height, width),
        false,
        new Findings());
  }

  private static List<Path> imageFiles(Path directory) {
    List<Path> found;
    try (Stream<Path> files = Files.list(directory)) {
      found =
          files
              .filter(file -> lower(file).contains("images") && lower(file).contains("idx3"))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new DataException(directory, "the folder cannot be read: " + e.getMessage(), e);
    }
    if (found.isEmpty()) {
      throw new DataException(
          directory,
          "no IDX images here (a file such as 'train-images-idx3-ubyte' or 't10k-images-idx3-ubyte.gz'). Maybe they lie in another folder.");
    }
    return found;
  }

  private static List<Pair> pairs(
      Path directory, List<Path> imageFiles, java.util.function.Predicate<Path> wanted) {
    // A file that lies here both plain and gzipped is one file.
    return imageFiles.stream()
        .filter(wanted)
        .filter(file -> !(lower(file).endsWith(".gz") && imageFiles.contains(plain(file))))
        .map(file -> new Pair(file, labels(directory, file)))
        .toList();
  }

  private static Path plain(Path file) {
    String name = file.getFileName().toString();
    return file.resolveSibling(name.substring(0, name.length() - 3));
  }

  private static Path labels(Path directory, Path images) {
    String name =
        images.getFileName().toString().replace("images", "labels").replace("idx3", "idx1");
    Path same = directory.resolve(name);
    Path other =
        directory.resolve(
            name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name + ".gz");
    if (Files.exists(same)) {
      return same;
    }
    if (Files.exists(other)) {
      return other;
    }
    throw new DataException(
        images, "its labels, the file '%s', are missing from the folder.".formatted(name));
  }

  private static boolean isTrain(Path file) {
    return lower(file).contains("train");
  }

  private static boolean isTest(Path file) {
    return lower(file).contains("t10k") || lower(file).contains("test");
  }

  private static String lower(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT);
  }

  private static Part read(Pair pair) {
    int[] sizes = new int[3];
    byte[] grey = read(pair.images(), sizes);
    int[] count = new int[1];
    byte[] labels = read(pair.labels(), count);
    if (sizes[0] != count[0]) {
      throw new DataException(
          pair.labels(),
          4,
          "%d labels, but %s holds %d images."
              .formatted(count[0], pair.images().getFileName(), sizes[0]));
    }
    return new Part(sizes[1], sizes[2], grey, labels);
  }

  /** Reads an array of unsigned bytes of as many dimensions as {@code sizes} has room for. */
  private static byte[] read(Path file, int[] sizes) {
    long offset = 0;
    try (InputStream in = open(file)) {
      byte[] head = in.readNBytes(4);
      if (head.length < 4) {
        throw truncated(file, head.length, "the 4 bytes of the IDX header");
      }
      if (head[0] != 0 || head[1] != 0) {
        throw new DataException(
            file,
            0,
            "not an IDX file: it must begin with two zero bytes, not %02x %02x."
                .formatted(head[0], head[1]));
      }
      if (head[2] != 8) {
        throw new DataException(
            file,
            2,
            "element type 0x%02x; only unsigned bytes (0x08) are images or labels."
                .formatted(head[2]));
      }
      if (head[3] != sizes.length) {
        throw new DataException(
            file,
            3,
            "%d dimensions instead of %d. Maybe images and labels are swapped."
                .formatted(head[3], sizes.length));
      }
      offset = 4;
      long total = 1;
      for (int d = 0; d < sizes.length; d++) {
        byte[] size = in.readNBytes(4);
        if (size.length < 4) {
          throw truncated(file, offset + size.length, "the size of dimension " + d);
        }
        sizes[d] = java.nio.ByteBuffer.wrap(size).getInt();
        long most = d == 0 ? 100_000_000 : 4096;
        if (sizes[d] < 1 || sizes[d] > most) {
          throw new DataException(
              file,
              offset,
              "dimension %d has size %d, outside 1 to %d.".formatted(d, sizes[d], most));
        }
        total *= sizes[d];
        offset += 4;
      }
      DataSets.checkMemory(total * 3);
      if (total > Integer.MAX_VALUE / 3) {
        throw new DataException(
            file,
            4,
            "%d bytes of pixels are more than the %d that fit into memory at once."
                .formatted(total, Integer.MAX_VALUE / 3));
      }
      byte[] values = in.readNBytes((int) total);
      offset += values.length;
      if (values.length < total) {
        throw truncated(file, offset, "%d bytes that the header announces".formatted(total));
      }
      if (in.read() >= 0) {
        throw new DataException(
            file,
            offset,
            "more bytes follow after the %d that the header announces.".formatted(total));
      }
      return values;
    } catch (IOException e) {
      throw new DataException(
          file,
          "reading stopped after byte %d: %s. Maybe the file is damaged or not complete; download it again."
              .formatted(offset, e.getMessage()),
          e);
    }
  }

  private static DataException truncated(Path file, long offset, String what) {
    return new DataException(
        file, offset, "the file ends within %s. Maybe its download was cut off.".formatted(what));
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    if (!lower(file).endsWith(".gz")) {
      return in;
    }
    try {
      return new GZIPInputStream(in, 1 << 16);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static LabelledImages images(Pair pair, Part part, int[] values) {
    int[] labels = new int[part.labels().length];
    for (int i = 0; i < labels.length; i++) {
      int value = part.labels()[i] & 0xff;
      labels[i] = Arrays.binarySearch(values, value);
      if (labels[i] < 0) {
        throw new DataException(
            pair.labels(),
            8L + i,
            "label %d does not occur among the training labels.".formatted(value));
      }
    }
    int plane = part.height() * part.width();
    byte[] pixels = new byte[3 * part.grey().length];
    for (int i = 0; i < labels.length; i++) {
      for (int c = 0; c < 3; c++) {
        System.arraycopy(part.grey(), i * plane, pixels, (3 * i + c) * plane, plane);
      }
    }
    return LabelledImages.of(new ImageShape(3, part.height(), part.width()), pixels, labels);
  }
}
