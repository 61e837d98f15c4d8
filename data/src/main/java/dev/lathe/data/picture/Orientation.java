package dev.lathe.data.picture;

import com.twelvemonkeys.imageio.metadata.Entry;
import com.twelvemonkeys.imageio.metadata.tiff.TIFFReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * How a camera was held: the tag 'Orientation' of Exif (CIPA DC-008), 1 to 8. Viewers turn pictures
 * by it, so what a person labelled is the turned picture.
 */
final class Orientation {
  /** The first row of the file is the top of the picture, the first column its left side. */
  static final int UPRIGHT = 1;

  private static final int TAG = 0x112;
  private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.ISO_8859_1);

  private Orientation() {}

  /** The orientation of a picture file; upright where none is said or where it cannot be read. */
  static int of(PictureKind kind, byte[] file) {
    try {
      return switch (kind) {
        case JPEG -> jpeg(file);
        case PNG -> chunk(file, 8, "eXIf", ByteOrder.BIG_ENDIAN);
        case WEBP -> chunk(file, 12, "EXIF", ByteOrder.LITTLE_ENDIAN);
        case TIFF -> tag(file, 0, file.length);
        default -> UPRIGHT;
      };
    } catch (IOException | RuntimeException e) {
      return UPRIGHT;
    }
  }

  /** Whether rows of the file are columns of the picture. */
  static boolean turned(int orientation) {
    return orientation >= 5;
  }

  /**
   * Turns a small picture upright.
   *
   * @param from [channels, height, width] as in the file
   * @param height of the upright picture, in pixels; {@code width} likewise
   * @param to receives [channels, height, width] from {@code offset}
   */
  static void upright(
      byte[] from, int orientation, int channels, int height, int width, byte[] to, int offset) {
    int rows = turned(orientation) ? width : height;
    int columns = turned(orientation) ? height : width;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int row =
            switch (orientation) {
              case 3, 4 -> rows - 1 - y;
              case 5, 8 -> x;
              case 6, 7 -> rows - 1 - x;
              default -> y;
            };
        int column =
            switch (orientation) {
              case 2, 3 -> columns - 1 - x;
              case 5, 6 -> y;
              case 7, 8 -> columns - 1 - y;
              default -> x;
            };
        for (int c = 0; c < channels; c++) {
          to[offset + (c * height + y) * width + x] = from[(c * rows + row) * columns + column];
        }
      }
    }
  }

  private static int jpeg(byte[] file) throws IOException {
    for (JpegSegments.Segment segment : JpegSegments.of(file)) {
      if (segment.marker() == 0xe1 && segment.startsWith(EXIF)) {
        return tag(file, segment.from() + EXIF.length, segment.to());
      }
    }
    return UPRIGHT;
  }

  /** Looks through the chunks of PNG (length, name, data, sum) or RIFF (name, length, data). */
  private static int chunk(byte[] file, int from, String name, ByteOrder order) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(file).order(order);
    boolean png = order == ByteOrder.BIG_ENDIAN;
    for (long at = from; at + 8 <= file.length; ) {
      long length = buffer.getInt((int) at + (png ? 0 : 4)) & 0xffffffffL;
      String found = new String(file, (int) at + (png ? 4 : 0), 4, StandardCharsets.ISO_8859_1);
      int data = (int) at + 8;
      if (found.equals(name)) {
        int end = (int) Math.min(file.length, data + length);
        boolean prefixed = starts(file, data);
        return tag(file, prefixed ? data + EXIF.length : data, end);
      }
      at += 8 + length + (png ? 4 : length & 1);
    }
    return UPRIGHT;
  }

  private static boolean starts(byte[] file, int at) {
    return at + EXIF.length <= file.length
        && java.util.Arrays.equals(file, at, at + EXIF.length, EXIF, 0, EXIF.length);
  }

  private static int tag(byte[] file, int from, int to) throws IOException {
    try (MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(file, from, to - from))) {
      Entry entry = new TIFFReader().read(in).getEntryById(TAG);
      return entry != null && entry.getValue() instanceof Number number
          ? Math.clamp(number.intValue(), 1, 8)
          : UPRIGHT;
    }
  }
}
