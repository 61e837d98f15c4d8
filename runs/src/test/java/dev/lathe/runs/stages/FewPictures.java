package dev.lathe.runs.stages;

import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSets;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Progress;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Folders of a few drawn pictures. */
final class FewPictures {
  private FewPictures() {}

  /** Writes so many pictures of each of the first classes of the drawn shapes. */
  static void write(Path folder, int classes, int each) throws IOException {
    LabelledImages shapes =
        DataSets.load(
                "builtin",
                DataOptions.of(folder.getFileName().toString().hashCode())
                    .withAtMost(40 * each, 1, 1),
                Progress.none())
            .train();
    int[] written = new int[classes];
    for (int i = 0; i < shapes.size(); i++) {
      int label = shapes.label(i);
      if (label < classes && written[label] < each) {
        Path own = Files.createDirectories(folder.resolve("kind " + (char) ('a' + label)));
        ImageIO.write(picture(shapes, i), "png", own.resolve(written[label]++ + ".png").toFile());
      }
    }
  }

  private static BufferedImage picture(LabelledImages images, int i) {
    int side = images.shape().width();
    byte[] pixels = images.pixels(i);
    BufferedImage picture = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          rgb = rgb << 8 | pixels[(c * side + y) * side + x] & 0xff;
        }
        picture.setRGB(x, y, rgb);
      }
    }
    return picture;
  }
}
