package dev.lathe.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * An array of NumPy's files ({@code .npy}, and {@code .npz} archives of them), in row-major order.
 *
 * @param kind of its elements: {@code f} floating, {@code i} integer, {@code u} unsigned integer,
 *     {@code b} truth values
 * @param width of an element in bytes
 * @param shape sizes, outermost first
 * @param data little-endian elements; not to be written to
 */
public record NumpyArray(char kind, int width, long[] shape, byte[] data) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern DTYPE =
      Pattern.compile("'descr'\\s*:\\s*'([<>|=]?)([a-zA-Z])(\\d+)'");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([^)]*)\\)");

  /** The number of elements. */
  public long elements() {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /** The size of its first dimension: the number of samples. */
  public int samples() {
    return shape.length == 0 ? 1 : Math.toIntExact(shape[0]);
  }

  /** An element as a number. */
  public double number(int index) {
    ByteBuffer buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    return switch (kind) {
      case 'f' ->
          switch (width) {
            case 2 -> Float.float16ToFloat(buffer.getShort(index * 2));
            case 4 -> buffer.getFloat(index * 4);
            default -> buffer.getDouble(index * 8);
          };
      default -> integer(index);
    };
  }

  /** An element as an integer. */
  public long integer(int index) {
    ByteBuffer buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    boolean unsigned = kind != 'i';
    return switch (width) {
      case 1 -> unsigned ? data[index] & 0xff : data[index];
      case 2 -> unsigned ? buffer.getShort(index * 2) & 0xffff : buffer.getShort(index * 2);
      case 4 -> unsigned ? buffer.getInt(index * 4) & 0xffffffffL : buffer.getInt(index * 4);
      default -> buffer.getLong(index * 8);
    };
  }

  /**
   * Reads arrays by name: all of an archive; of a folder those of its archives, one after the other
   * in the order of their names, or each {@code NAME.npy}; of a single {@code .npy} file one under
   * the empty name.
   *
   * @throws DataException naming the file and what is wrong with it
   */
  public static Map<String, NumpyArray> read(Path path) {
    try {
      if (Files.isDirectory(path)) {
        return folder(path);
      }
      if (!Files.exists(path)) {
        throw new DataException(
            path, "this file does not exist. Maybe the path is relative to another folder.");
      }
      String name = path.getFileName().toString();
      return name.endsWith(".npy") ? Map.of("", parse(path, name, bytes(path))) : archive(path);
    } catch (IOException e) {
      throw new DataException(path, "the file cannot be read: %s.".formatted(e.getMessage()), e);
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    checkMemory(file, Files.size(file));
    return Files.readAllBytes(file);
  }

  private static void checkMemory(Path file, long bytes) {
    if (bytes > Runtime.getRuntime().maxMemory() / 3) {
      throw new DataException(
          file,
          "its arrays have %d MB, too many for this process. Maybe fewer samples do, or give it more memory with LATHE_JAVA_OPTS=-Xmx8g."
              .formatted(bytes >> 20));
    }
  }

  private static Map<String, NumpyArray> folder(Path folder) throws IOException {
    List<Path> archives = files(folder, "*.npz");
    Map<String, NumpyArray> arrays = new LinkedHashMap<>();
    if (archives.isEmpty()) {
      for (Path file : files(folder, "*.npy")) {
        String name = file.getFileName().toString();
        arrays.put(name.substring(0, name.length() - 4), parse(file, name, bytes(file)));
      }
      if (arrays.isEmpty()) {
        throw new DataException(
            folder, "this folder has no .npz and no .npy files. Maybe name the folder around it.");
      }
      return arrays;
    }
    Map<String, List<NumpyArray>> parts = new LinkedHashMap<>();
    for (Path file : archives) {
      Map<String, NumpyArray> one = archive(file);
      if (!parts.isEmpty() && !parts.keySet().equals(one.keySet())) {
        throw new DataException(
            file,
            "it has the arrays %s, those before it %s. Maybe it belongs to other data."
                .formatted(one.keySet(), parts.keySet()));
      }
      one.forEach((name, array) -> parts.computeIfAbsent(name, n -> new ArrayList<>()).add(array));
    }
    parts.forEach((name, list) -> arrays.put(name, joined(folder, name, list)));
    return arrays;
  }

  private static List<Path> files(Path folder, String pattern) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, pattern)) {
      found.forEach(files::add);
    }
    Collections.sort(files);
    return files;
  }

  private static NumpyArray joined(Path folder, String name, List<NumpyArray> parts) {
    NumpyArray first = parts.getFirst();
    long[] shape = first.shape().clone();
    if (shape.length == 0) {
      throw new DataException(
          folder,
          "array '%s' is a single number; its first dimension must count samples.".formatted(name));
    }
    shape[0] = 0;
    long bytes = 0;
    for (NumpyArray part : parts) {
      boolean alike =
          part.kind() == first.kind()
              && part.width() == first.width()
              && part.shape().length == shape.length
              && Arrays.equals(part.shape(), 1, shape.length, first.shape(), 1, shape.length);
      if (!alike) {
        throw new DataException(
            folder,
            "array '%s' has the shape %s in one file and %s in another. Maybe pad the samples to one shape."
                .formatted(name, Arrays.toString(first.shape()), Arrays.toString(part.shape())));
      }
      shape[0] += part.shape()[0];
      bytes += part.data().length;
    }
    checkMemory(folder, bytes);
    ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(bytes));
    parts.forEach(part -> all.put(part.data()));
    return new NumpyArray(first.kind(), first.width(), shape, all.array());
  }

  private static Map<String, NumpyArray> archive(Path file) throws IOException {
    Map<String, NumpyArray> arrays = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      long bytes = 0;
      for (ZipEntry entry : Collections.list(zip.entries())) {
        bytes += Math.max(0, entry.getSize());
        checkMemory(file, bytes);
        if (entry.getName().endsWith(".npy")) {
          String name = entry.getName().substring(0, entry.getName().length() - 4);
          arrays.put(name, parse(file, name, zip.getInputStream(entry).readAllBytes()));
        }
      }
    } catch (java.util.zip.ZipException e) {
      throw new DataException(
          file, "it is no archive of NumPy arrays. Maybe write it with numpy.savez.", e);
    }
    if (arrays.isEmpty()) {
      throw new DataException(file, "the archive has no arrays. Maybe write it with numpy.savez.");
    }
    return arrays;
  }

  private static NumpyArray parse(Path file, String name, byte[] bytes) {
    if (bytes.length < 10 || !Arrays.equals(bytes, 0, 6, MAGIC, 0, 6)) {
      throw new DataException(
          file,
          "array '%s' is not in NumPy's format. Maybe write it with numpy.save.".formatted(name));
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int start = bytes[6] == 1 ? 10 : 12;
    int length = bytes[6] == 1 ? buffer.getShort(8) & 0xffff : buffer.getInt(8);
    if (length < 0 || start + (long) length > bytes.length) {
      throw new DataException(file, "array '%s' is cut off.".formatted(name));
    }
    String header = new String(bytes, start, length, StandardCharsets.ISO_8859_1);
    Matcher type = DTYPE.matcher(header);
    Matcher sizes = SHAPE.matcher(header);
    if (!type.find() || !sizes.find() || "fiub".indexOf(type.group(2).charAt(0)) < 0) {
      throw new DataException(
          file,
          "array '%s' has elements that are no numbers (%s). Maybe convert it with astype('float32')."
              .formatted(name, header.strip()));
    }
    if (header.contains("'fortran_order': True")) {
      throw new DataException(
          file,
          "array '%s' is in column-major order. Maybe write numpy.ascontiguousarray of it."
              .formatted(name));
    }
    long[] shape =
        Arrays.stream(sizes.group(1).split(","))
            .map(String::strip)
            .filter(text -> !text.isEmpty())
            .mapToLong(Long::parseLong)
            .toArray();
    int width = Integer.parseInt(type.group(3));
    NumpyArray array =
        new NumpyArray(
            type.group(2).charAt(0),
            width,
            shape,
            Arrays.copyOfRange(bytes, start + length, bytes.length));
    if (array.elements() * width != array.data().length || width > 8) {
      throw new DataException(
          file,
          "array '%s' of shape %s has %d bytes of elements. Maybe it is cut off."
              .formatted(name, Arrays.toString(shape), array.data().length));
    }
    if (type.group(1).equals(">")) {
      reverse(array.data(), width);
    }
    return array;
  }

  private static void reverse(byte[] data, int width) {
    for (int at = 0; at < data.length; at += width) {
      for (int i = 0; i < width / 2; i++) {
        byte kept = data[at + i];
        data[at + i] = data[at + width - 1 - i];
        data[at + width - 1 - i] = kept;
      }
    }
  }
}
