package dev.lathe.data.picture;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import dev.lathe.data.DataException;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes picture files into inputs: upright, the part that the framing takes, red, green and blue
 * planes. For one thread; readers are reused. What is decoded at once on all threads is bounded by
 * a share of the heap.
 */
public final class PictureDecoder {
  private static final long MOST_PIXELS = 400_000_000;
  private static final long MOST_BYTES = 256L << 20;
  private static final int BYTES_PER_PIXEL = 4;

  /** Pixels up to which a picture is read as a whole: 192 MB while it is decoded. */
  private static final long MOST_WHOLE = 48L << 20;

  private final Map<PictureKind, ImageReader> readers = new EnumMap<>(PictureKind.class);
  private Optional<String> warning = Optional.empty();

  /**
   * What a file held.
   *
   * @param kind as its first bytes say
   * @param width of the upright picture, in pixels; {@code height} likewise
   * @param orientation Exif's, 1 (upright) to 8
   */
  public record Facts(PictureKind kind, int width, int height, int orientation) {}

  /** The shorter side in pixels, or 0 if the file cannot be read (decoding it will say why). */
  public int shorterSide(Path file) {
    try (ImageInputStream in = new FileImageInputStream(file.toFile())) {
      Optional<PictureKind> kind = PictureKind.of(head(file)).filter(PictureKind::readable);
      if (kind.isEmpty()) {
        return 0;
      }
      ImageReader reader = reader(kind.get());
      reader.setInput(in, true, true);
      int side = Math.min(reader.getWidth(0), reader.getHeight(0));
      reader.setInput(null);
      return side;
    } catch (IOException | RuntimeException e) {
      readers.clear();
      return 0;
    }
  }

  /** The first bytes of a file, as {@link PictureKind#of} wants them. */
  public static byte[] head(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(PictureKind.HEAD);
    }
  }

  /**
   * Decodes a picture.
   *
   * @param pixels receives [3, height, width] from {@code offset}
   * @throws DataException naming the file if it is no picture, damaged or too large
   */
  public Facts decode(Path file, Framing framing, byte[] pixels, int offset) {
    try {
      long size = Files.size(file);
      if (size > MOST_BYTES) {
        throw new DataException(file, "%d MB are too large for an image.".formatted(size >> 20));
      }
      PictureKind kind = kind(file);
      long area = area(file, kind);
      int step = step(area);
      // All at once: a thread that waits for more while it holds some could wait for ever.
      try (DecodingMemory.Reserved _ =
          DecodingMemory.reserve(size + area * BYTES_PER_PIXEL / ((long) step * step))) {
        return decode(kind, Files.readAllBytes(file), step, framing, pixels, offset);
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // A reader that failed may be left half way through a file.
      readers.clear();
      throw new DataException(file, problem(e), e);
    }
  }

  private static String problem(Exception e) {
    return switch (e) {
      case AccessDeniedException _ ->
          "the image cannot be read: permission denied. Maybe make it readable for this user.";
      case NoSuchFileException _ -> "the image cannot be read: the file is gone.";
      default ->
          "the image cannot be read: %s. Maybe it is damaged; remove or replace it."
              .formatted(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    };
  }

  private static PictureKind kind(Path file) throws IOException {
    byte[] head = head(file);
    PictureKind kind =
        PictureKind.of(head)
            .orElseThrow(
                () ->
                    new DataException(
                        file,
                        "the image cannot be read: %s. Maybe remove or replace it."
                            .formatted(PictureKind.describe(head))));
    boolean raw =
        PictureKind.named(file.getFileName().toString()).equals(Optional.of(PictureKind.RAW));
    if (!kind.readable() || raw) {
      throw new DataException(
          file,
          "the image cannot be read: it is %s, which Lathe does not decode. Maybe convert it to JPEG or PNG."
              .formatted(raw ? PictureKind.RAW.label() : kind.label()));
    }
    return kind;
  }

  private long area(Path file, PictureKind kind) throws IOException {
    ImageReader reader = reader(kind);
    try (ImageInputStream in = new FileImageInputStream(file.toFile())) {
      reader.setInput(in, true, true);
      long area = (long) reader.getWidth(0) * reader.getHeight(0);
      if (area > MOST_PIXELS) {
        throw new DataException(
            file,
            "%d × %d pixels are more than the %d that an image may have. Maybe reduce it first."
                .formatted(reader.getWidth(0), reader.getHeight(0), MOST_PIXELS));
      }
      return area;
    } finally {
      reader.setInput(null);
    }
  }

  private Facts decode(
      PictureKind kind, byte[] bytes, int step, Framing framing, byte[] pixels, int offset)
      throws IOException {
    ImageReader reader = reader(kind);
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      reader.setInput(in, true, true);
      int width = reader.getWidth(0);
      int height = reader.getHeight(0);
      int orientation = Orientation.of(kind, bytes);
      frame(reader, kind, bytes, step, orientation, framing, pixels, offset);
      boolean turned = Orientation.turned(orientation);
      return new Facts(kind, turned ? height : width, turned ? width : height, orientation);
    } finally {
      reader.setInput(null);
    }
  }

  /**
   * Every how manieth pixel of a very large picture is read; whatever the heap, so that every
   * process reads the same pixels.
   */
  private static int step(long area) {
    int step = 1;
    while (area / ((long) step * step) > MOST_WHOLE) {
      step++;
    }
    return step;
  }

  private void frame(
      ImageReader reader,
      PictureKind kind,
      byte[] bytes,
      int step,
      int orientation,
      Framing framing,
      byte[] pixels,
      int offset)
      throws IOException {
    ImageReadParam param = reader.getDefaultReadParam();
    if (step > 1) {
      param.setSourceSubsampling(step, step, step / 2, step / 2);
    }
    warning = Optional.empty();
    Resampling.Rows rows;
    int width;
    int height;
    if (kind == PictureKind.JPEG && JpegSegments.components(bytes) == 4) {
      Raster raster = reader.readRaster(0, param);
      rows = ColourRows.ofCmyk(raster, JpegSegments.adobeTransform(bytes));
      width = raster.getWidth();
      height = raster.getHeight();
    } else {
      BufferedImage image = reader.read(0, param);
      rows = ColourRows.of(image);
      width = image.getWidth();
      height = image.getHeight();
    }
    if (warning.isPresent()) {
      throw new IOException(warning.get());
    }
    boolean turned = Orientation.turned(orientation);
    Resampling resampling = Resampling.of(height, width, turned ? framing.turned() : framing);
    if (orientation == Orientation.UPRIGHT) {
      resampling.apply(rows, 3, pixels, offset);
      return;
    }
    byte[] lying = new byte[3 * framing.height() * framing.width()];
    resampling.apply(rows, 3, lying, 0);
    Orientation.upright(lying, orientation, 3, framing.height(), framing.width(), pixels, offset);
  }

  private ImageReader reader(PictureKind kind) throws IOException {
    ImageReader known = readers.get(kind);
    if (known != null) {
      return known;
    }
    // The one that is no part of Java is named: look-up depends on the thread's class loader.
    ImageReader reader =
        kind == PictureKind.WEBP
            ? new WebPImageReaderSpi().createReaderInstance(null)
            : ImageIO.getImageReadersByFormatName(kind.name()).next();
    reader.addIIOReadWarningListener(
        (source, text) -> {
          // The JPEG reader fills what a cut-off file lacks with grey and only warns.
          if (text.contains("remature end") || text.contains("bad Huffman")) {
            warning = Optional.of(text);
          }
        });
    readers.put(kind, reader);
    return reader;
  }
}
