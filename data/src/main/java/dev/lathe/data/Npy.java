package dev.lathe.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Writes NumPy's array files (format version 1.0, little-endian, C order). A file appears whole or
 * not at all.
 */
public final class Npy {
  private Npy() {}

  /** Writes an array of float32. */
  public static void writeFloat32(Path file, float[] values, long... shape) throws IOException {
    try (Float32Writer writer = new Float32Writer(file, shape)) {
      writer.append(values);
      writer.finish();
    }
  }

  /** Writes an array of int64. */
  public static void writeInt64(Path file, int[] values, long... shape) throws IOException {
    checkCount(file, values.length, shape);
    ByteBuffer buffer = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      buffer.putLong(value);
    }
    Path partial = partial(file);
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(partial))) {
        out.write(header("<i8", shape));
        out.write(buffer.array());
      }
      move(partial, file);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /** Writes an array of float32 piece by piece; without {@link #finish} no file appears. */
  public static final class Float32Writer implements AutoCloseable {
    private final Path file;
    private final Path partial;
    private final long[] shape;
    private final OutputStream out;
    private long written;

    /** Begins a file that will hold an array of this shape. */
    public Float32Writer(Path file, long... shape) throws IOException {
      this.file = file;
      this.shape = shape.clone();
      partial = partial(file);
      out = new BufferedOutputStream(Files.newOutputStream(partial), 1 << 16);
      out.write(header("<f4", shape));
    }

    /** Adds values at the end. */
    public void append(float[] values) throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(4 * 4096).order(ByteOrder.LITTLE_ENDIAN);
      for (int from = 0; from < values.length; from += 4096) {
        int count = Math.min(4096, values.length - from);
        buffer.clear();
        buffer.asFloatBuffer().put(values, from, count);
        out.write(buffer.array(), 0, 4 * count);
      }
      written += values.length;
    }

    /**
     * Makes the file appear.
     *
     * @throws IllegalArgumentException if fewer or more values were added than the shape holds
     */
    public void finish() throws IOException {
      checkCount(file, written, shape);
      out.close();
      move(partial, file);
    }

    @Override
    public void close() throws IOException {
      try (out) {
        Files.deleteIfExists(partial);
      }
    }
  }

  private static void checkCount(Path file, long values, long[] shape) {
    long expected = 1;
    for (long size : shape) {
      expected = Math.multiplyExact(expected, size);
    }
    if (values != expected) {
      throw new IllegalArgumentException(
          "%s: an array of shape %s has %d values, but %d were given."
              .formatted(file, Arrays.toString(shape), expected, values));
    }
  }

  private static byte[] header(String type, long[] shape) {
    String sizes =
        Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", "))
            + (shape.length == 1 ? "," : "");
    String text = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, sizes);
    int length = (10 + text.length() + 1 + 63) / 64 * 64;
    byte[] header = new byte[length];
    Arrays.fill(header, (byte) ' ');
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    System.arraycopy(magic, 0, header, 0, magic.length);
    header[8] = (byte) (length - 10);
    header[9] = (byte) (length - 10 >> 8);
    System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, header, 10, text.length());
    header[length - 1] = '\n';
    return header;
  }

  private static Path partial(Path file) {
    return file.resolveSibling(file.getFileName() + ".partial");
  }

  private static void move(Path partial, Path file) throws IOException {
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
