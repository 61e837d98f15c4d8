package dev.lathe.data.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureDecoderTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp", "gif", "tiff"})
  void losslessKinds_giveTheirPixels_whateverTheName(String format) throws IOException {
    Path file = folder.resolve("picture.jpg");
    ImageIO.write(quarters(16, 8), format, file.toFile());
    byte[] pixels = new byte[3 * 4 * 8];
    PictureDecoder.Facts facts =
        new PictureDecoder().decode(file, new Framing(4, 8, Framing.Fit.RESIZE, 1), pixels, 0);
    assertThat(facts.kind().name()).isEqualToIgnoringCase(format);
    assertThat(facts.width()).isEqualTo(16);
    assertThat(colours(pixels, 4, 8)).isEqualTo("RGBW");
  }

  @Test
  void webp_isRead() throws IOException {
    // One red pixel, lossless, as cwebp writes it.
    Path file = folder.resolve("one.webp");
    Files.write(
        file, Base64.getDecoder().decode("UklGRh4AAABXRUJQVlA4TBEAAAAvAAAAAAfQ//73v/+BiOh/AAA="));
    byte[] pixels = new byte[3];
    PictureDecoder.Facts facts = new PictureDecoder().decode(file, Framing.square(1), pixels, 0);
    assertThat(facts.kind()).isEqualTo(PictureKind.WEBP);
  }

  /** Where the corners red, green, blue, white of an upright picture lie in the file. */
  @ParameterizedTest
  @CsvSource({
    "1, RGBW", "2, GRWB", "3, WBGR", "4, BWRG", "5, RBGW", "6, GWRB", "7, WGBR", "8, BRWG"
  })
  void orientation_isApplied(int orientation, String lying) throws IOException {
    boolean turned = orientation >= 5;
    BufferedImage image = quarters(turned ? 8 : 16, turned ? 16 : 8, lying);
    Path file = folder.resolve("o.jpg");
    Files.write(file, withOrientation(image, orientation));
    byte[] pixels = new byte[3 * 8 * 16];
    PictureDecoder.Facts facts =
        new PictureDecoder().decode(file, new Framing(8, 16, Framing.Fit.CROP, 1), pixels, 0);
    assertThat(facts.orientation()).isEqualTo(orientation);
    assertThat(facts.width()).isEqualTo(16);
    assertThat(colours(pixels, 8, 16)).isEqualTo("RGBW");
  }

  @Test
  void share_takesTheMiddle() throws IOException {
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64; i++) {
      boolean middle = i % 8 >= 2 && i % 8 < 6 && i / 8 >= 2 && i / 8 < 6;
      image.setRGB(i % 8, i / 8, middle ? 0xffffff : 0);
    }
    Path file = folder.resolve("m.png");
    ImageIO.write(image, "png", file.toFile());
    byte[] pixels = new byte[3 * 2 * 2];
    new PictureDecoder().decode(file, new Framing(2, 2, Framing.Fit.CROP, 0.5), pixels, 0);
    assertThat(pixels).containsOnly((byte) 255);
  }

  @Test
  void rawPhotograph_isNamedRatherThanReadAsItsThumbnail() throws IOException {
    Path file = folder.resolve("shot.NEF");
    ImageIO.write(quarters(8, 8), "tiff", file.toFile());
    assertThatThrownBy(() -> new PictureDecoder().decode(file, Framing.square(2), new byte[12], 0))
        .hasMessageContaining("camera raw");
  }

  private static BufferedImage quarters(int width, int height) {
    return quarters(width, height, "RGBW");
  }

  private static BufferedImage quarters(int width, int height, String corners) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        char corner = corners.charAt((2 * y / height) * 2 + 2 * x / width);
        int rgb =
            switch (corner) {
              case 'R' -> 0xff0000;
              case 'G' -> 0x00ff00;
              case 'B' -> 0x0000ff;
              default -> 0xffffff;
            };
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }

  /** The colours of the corners, row by row. */
  private static String colours(byte[] pixels, int height, int width) {
    StringBuilder text = new StringBuilder();
    int plane = height * width;
    for (int at : new int[] {0, width - 1, (height - 1) * width, plane - 1}) {
      boolean red = (pixels[at] & 0xff) > 128;
      boolean green = (pixels[at + plane] & 0xff) > 128;
      text.append(red && green ? 'W' : red ? 'R' : green ? 'G' : 'B');
    }
    return text.toString();
  }

  private static byte[] withOrientation(BufferedImage image, int orientation) throws IOException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", plain);
    byte[] exif = {
      (byte) 0xff,
      (byte) 0xe1,
      0,
      34,
      'E',
      'x',
      'i',
      'f',
      0,
      0,
      'M',
      'M',
      0,
      42,
      0,
      0,
      0,
      8,
      0,
      1,
      1,
      0x12,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      (byte) orientation,
      0,
      0,
      0,
      0,
      0,
      0
    };
    byte[] jpeg = plain.toByteArray();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.write(exif);
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }
}
