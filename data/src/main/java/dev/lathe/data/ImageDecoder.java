package dev.lathe.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes image files into square colour planes. Grey images are repeated three times, transparent
 * ones laid on white, CMYK ones (JPEG) converted. For one thread; readers are reused.
 */
final class ImageDecoder {
  private static final long MOST_PIXELS = 100_000_000;
  private static final long MOST_BYTES = 256L << 20;

  private final Map<String, ImageReader> readers = new HashMap<>();
  private Optional<String> warning = Optional.empty();

  /** Whether the file's name says that it is an image of a kind that can be read. */
  static boolean accepts(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return !name.startsWith(".")
        && (name.endsWith(".jpg") || name.endsWith(".jpeg") || name.endsWith(".png"));
  }

  /** The shorter side in pixels, or 0 if the file cannot be read (decoding it will say why). */
  int shorterSide(Path file) {
    try {
      ImageReader reader = open(file, Files.readAllBytes(file));
      return Math.min(reader.getWidth(0), reader.getHeight(0));
    } catch (IOException | RuntimeException e) {
      readers.clear();
      return 0;
    }
  }

  /**
   * Decodes the largest centred square of an image to {@code side} × {@code side} pixels.
   *
   * @param pixels receives [3, side, side] from {@code offset}
   * @throws DataException naming the file if it is no image, damaged or too large
   */
  void decode(Path file, int side, byte[] pixels, int offset) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new DataException(
            file, "%d MB are too large for an image.".formatted(Files.size(file) >> 20));
      }
      byte[] bytes = Files.readAllBytes(file);
      ImageReader reader = open(file, bytes);
      int width = reader.getWidth(0);
      int height = reader.getHeight(0);
      if ((long) width * height > MOST_PIXELS) {
        throw new DataException(
            file,
            "%d × %d pixels are more than the %d that an image may have. Maybe reduce it first."
                .formatted(width, height, MOST_PIXELS));
      }
      warning = Optional.empty();
      byte[] planes = planes(reader, bytes, width, height);
      if (warning.isPresent()) {
        throw new IOException(warning.get());
      }
      if (width == side && height == side) {
        System.arraycopy(planes, 0, pixels, offset, planes.length);
        return;
      }
      Resampling resampling = Resampling.of(height, width, side, side);
      for (int c = 0; c < 3; c++) {
        resampling.apply(planes, c * width * height, pixels, offset + c * side * side);
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // A reader that failed may be left half way through a file.
      readers.clear();
      throw new DataException(
          file,
          "the image cannot be read: %s. Maybe it is damaged; remove or replace it."
              .formatted(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
          e);
    }
  }

  private ImageReader open(Path file, byte[] bytes) {
    ImageReader reader = readers.computeIfAbsent(format(file, bytes), this::reader);
    ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes));
    reader.setInput(in, true, true);
    return reader;
  }

  private ImageReader reader(String format) {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    reader.addIIOReadWarningListener(
        (source, text) -> {
          // The JPEG reader fills what a cut-off file lacks with grey and only warns.
          if (text.contains("remature end") || text.contains("bad Huffman")) {
            warning = Optional.of(text);
          }
        });
    return reader;
  }

  private static String format(Path file, byte[] bytes) {
    if (startsWith(bytes, 0xff, 0xd8, 0xff)) {
      return "jpeg";
    }
    if (startsWith(bytes, 0x89, 'P', 'N', 'G')) {
      return "png";
    }
    throw new DataException(
        file,
        bytes.length == 0
            ? "the image cannot be read: the file is empty. Maybe remove or replace it."
            : "the image cannot be read: it begins with the bytes %s, which is neither JPEG nor PNG. Maybe convert or remove it."
                .formatted(
                    HexFormat.ofDelimiter(" ")
                        .formatHex(Arrays.copyOf(bytes, Math.min(4, bytes.length)))));
  }

  private static boolean startsWith(byte[] bytes, int... magic) {
    for (int i = 0; i < magic.length; i++) {
      if (bytes.length <= i || (bytes[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  /** The image as [3, height, width]. */
  private static byte[] planes(ImageReader reader, byte[] bytes, int width, int height)
      throws IOException {
    byte[] planes = new byte[3 * width * height];
    if (reader.getFormatName().equalsIgnoreCase("jpeg") && components(bytes) == 4) {
      fillFromCmyk(reader.readRaster(0, null), adobeTransform(bytes), planes);
      return planes;
    }
    BufferedImage image = reader.read(0);
    Raster raster = image.getRaster();
    if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
      fillFromGrey(image, raster, planes);
    } else if (image.getType() == BufferedImage.TYPE_3BYTE_BGR) {
      int[] row = new int[3 * width];
      for (int y = 0; y < height; y++) {
        raster.getPixels(0, y, width, 1, row);
        for (int x = 0; x < width; x++) {
          for (int c = 0; c < 3; c++) {
            planes[(c * height + y) * width + x] = (byte) row[3 * x + c];
          }
        }
      }
    } else {
      int[] row = new int[width];
      for (int y = 0; y < height; y++) {
        image.getRGB(0, y, width, 1, row, 0, width);
        for (int x = 0; x < width; x++) {
          int alpha = row[x] >>> 24;
          for (int c = 0; c < 3; c++) {
            planes[(c * height + y) * width + x] = onWhite(row[x] >> (16 - 8 * c) & 0xff, alpha);
          }
        }
      }
    }
    return planes;
  }

  /** Takes grey samples as they are: Java's own conversion to RGB would brighten them. */
  private static void fillFromGrey(BufferedImage image, Raster raster, byte[] planes) {
    int width = image.getWidth();
    int height = image.getHeight();
    int bands = raster.getNumBands();
    int most = (1 << image.getColorModel().getComponentSize(0)) - 1;
    int[] row = new int[width * bands];
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int grey = (row[x * bands] * 255 + most / 2) / most;
        int alpha = bands > 1 ? (row[x * bands + 1] * 255 + most / 2) / most : 255;
        byte value = onWhite(grey, alpha);
        for (int c = 0; c < 3; c++) {
          planes[(c * height + y) * width + x] = value;
        }
      }
    }
  }

  /** Converts CMYK or, with transform 2, YCCK; with Adobe's marker the values are inverted. */
  private static void fillFromCmyk(Raster raster, int transform, byte[] planes) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int[] row = new int[4 * width];
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        double[] ink = {row[4 * x], row[4 * x + 1], row[4 * x + 2], row[4 * x + 3]};
        if (transform == 2) {
          double luma = ink[0];
          double blue = ink[1] - 128;
          double red = ink[2] - 128;
          ink[0] = Math.clamp(luma + 1.402 * red, 0, 255);
          ink[1] = Math.clamp(luma - 0.344136 * blue - 0.714136 * red, 0, 255);
          ink[2] = Math.clamp(luma + 1.772 * blue, 0, 255);
        }
        for (int c = 0; c < 3; c++) {
          double value =
              transform >= 0 ? ink[c] * ink[3] / 255 : (255 - ink[c]) * (255 - ink[3]) / 255;
          planes[(c * height + y) * width + x] = (byte) Math.round(value);
        }
      }
    }
  }

  private static byte onWhite(int value, int alpha) {
    return (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
  }

  /** The number of colour components that a JPEG's frame header names, or 0. */
  private static int components(byte[] jpeg) {
    int at =
        segment(
            jpeg,
            marker ->
                marker >= 0xc0
                    && marker <= 0xcf
                    && marker != 0xc4
                    && marker != 0xc8
                    && marker != 0xcc);
    return at >= 0 && at + 9 < jpeg.length ? jpeg[at + 9] & 0xff : 0;
  }

  /** The colour transform of Adobe's APP14 segment, or −1 without one. */
  private static int adobeTransform(byte[] jpeg) {
    int at = segment(jpeg, marker -> marker == 0xee);
    return at >= 0 && at + 15 < jpeg.length && jpeg[at + 4] == 'A' ? jpeg[at + 15] & 0xff : -1;
  }

  /** Where the first segment before the image data whose marker is wanted begins, or −1. */
  private static int segment(byte[] jpeg, java.util.function.IntPredicate wanted) {
    int at = 2;
    while (at + 4 <= jpeg.length && (jpeg[at] & 0xff) == 0xff) {
      int marker = jpeg[at + 1] & 0xff;
      if (marker == 0xff) {
        at++;
        continue;
      }
      if (wanted.test(marker)) {
        return at;
      }
      if (marker == 0xda) {
        return -1;
      }
      at += 2 + ((jpeg[at + 2] & 0xff) << 8 | jpeg[at + 3] & 0xff);
    }
    return -1;
  }
}
