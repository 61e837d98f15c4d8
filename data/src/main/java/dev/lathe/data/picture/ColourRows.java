package dev.lathe.data.picture;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;

/**
 * Rows of a decoded picture as red, green and blue bytes: grey ones are repeated, transparent ones
 * laid on white, CMYK ones converted.
 */
final class ColourRows {
  private ColourRows() {}

  static Resampling.Rows of(BufferedImage image) {
    if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
      return grey(image);
    }
    if (image.getType() == BufferedImage.TYPE_3BYTE_BGR
        && image.getRaster().getDataBuffer() instanceof DataBufferByte buffer
        && image.getRaster().getParent() == null) {
      return plain(buffer.getData(), image.getWidth());
    }
    int width = image.getWidth();
    int[] row = new int[width];
    return (y, into) -> {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int alpha = row[x] >>> 24;
        for (int c = 0; c < 3; c++) {
          into[c][x] = onWhite(row[x] >> (16 - 8 * c) & 0xff, alpha);
        }
      }
    };
  }

  private static Resampling.Rows plain(byte[] pixels, int width) {
    return (y, into) -> {
      int at = 3 * y * width;
      for (int x = 0; x < width; x++, at += 3) {
        into[2][x] = pixels[at];
        into[1][x] = pixels[at + 1];
        into[0][x] = pixels[at + 2];
      }
    };
  }

  /** Takes grey samples as they are: Java's own conversion to RGB would brighten them. */
  private static Resampling.Rows grey(BufferedImage image) {
    Raster raster = image.getRaster();
    int width = image.getWidth();
    int bands = raster.getNumBands();
    int most = (1 << image.getColorModel().getComponentSize(0)) - 1;
    int[] row = new int[width * bands];
    return (y, into) -> {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int grey = (int) ((row[x * bands] * 255L + most / 2) / most);
        int alpha = bands > 1 ? (int) ((row[x * bands + 1] * 255L + most / 2) / most) : 255;
        byte value = onWhite(grey, alpha);
        into[0][x] = value;
        into[1][x] = value;
        into[2][x] = value;
      }
    };
  }

  /** Converts CMYK or, with transform 2, YCCK; with Adobe's marker the values are inverted. */
  static Resampling.Rows ofCmyk(Raster raster, int transform) {
    int width = raster.getWidth();
    int[] row = new int[4 * width];
    double[] ink = new double[4];
    return (y, into) -> {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 4; c++) {
          ink[c] = row[4 * x + c];
        }
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
          into[c][x] = (byte) Math.round(value);
        }
      }
    };
  }

  private static byte onWhite(int value, int alpha) {
    return (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}
