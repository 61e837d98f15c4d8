package dev.lathe.data;

import dev.lathe.data.picture.Framing;
import dev.lathe.data.picture.Resampling;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What is known of one image's pixels without reading them again.
 *
 * @param sha256 of the pixels, 32 bytes
 * @param sums of each channel's pixels
 * @param squares sums of each channel's squared pixels
 * @param gradients a perceptual hash: whether brightness rises from each of 9 × 8 fields to the
 *     next on its right; alike pictures differ in few of its 64 bits
 */
record PixelSummary(byte[] sha256, long[] sums, long[] squares, long gradients) {
  private static final Framing FIELDS = new Framing(8, 9, Framing.Fit.RESIZE, 1);

  static PixelSummary of(byte[] pixels, ImageShape shape) {
    int plane = shape.height() * shape.width();
    long[] sums = new long[shape.channels()];
    long[] squares = new long[shape.channels()];
    for (int c = 0; c < sums.length; c++) {
      long sum = 0;
      long square = 0;
      for (int k = c * plane; k < (c + 1) * plane; k++) {
        int value = pixels[k] & 0xff;
        sum += value;
        square += value * value;
      }
      sums[c] = sum;
      squares[c] = square;
    }
    return new PixelSummary(digest().digest(pixels), sums, squares, gradients(pixels, shape));
  }

  private static long gradients(byte[] pixels, ImageShape shape) {
    byte[] fields = new byte[shape.channels() * 72];
    Resampling.of(shape.height(), shape.width(), FIELDS)
        .apply(
            Resampling.planes(pixels, 0, shape.height(), shape.width()),
            shape.channels(),
            fields,
            0);
    long bits = 0;
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 8; x++) {
        int rise = 0;
        for (int c = 0; c < shape.channels(); c++) {
          int at = (c * 8 + y) * 9 + x;
          rise += (fields[at + 1] & 0xff) - (fields[at] & 0xff);
        }
        bits = bits << 1 | (rise > 0 ? 1 : 0);
      }
    }
    return bits;
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }
}
