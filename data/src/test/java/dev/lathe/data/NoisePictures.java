package dev.lathe.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;

/** Pictures of random pixels for tests. */
public final class NoisePictures {
  private NoisePictures() {}

  /** Draws one. */
  public static BufferedImage draw(int width, int height, int type, long seed) {
    BufferedImage image = new BufferedImage(width, height, type);
    Random random = new Random(seed);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, 0xff000000 | random.nextInt(1 << 24));
      }
    }
    return image;
  }

  /** Writes one as PNG, with the folders above it. */
  public static void write(Path file, int width, int height, long seed) throws IOException {
    Files.createDirectories(file.getParent());
    ImageIO.write(draw(width, height, BufferedImage.TYPE_INT_RGB, seed), "png", file.toFile());
  }
}
