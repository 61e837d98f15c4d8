package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  private static final DataOptions OPTIONS = DataOptions.of(2);

  @TempDir Path folder;

  @Test
  void trainAndTest_giveClassesByFolderName() throws IOException {
    fill("train/cat", 20, new Color(200, 30, 40), "png");
    fill("train/dog", 10, new Color(10, 220, 90), "jpg");
    fill("test/cat", 3, new Color(200, 30, 40), "png");
    fill("test/dog", 2, new Color(10, 220, 90), "jpg");
    DataSet data = load();
    assertThat(data.classes()).containsExactly("cat", "dog");
    assertThat(data.shape()).isEqualTo(new ImageShape(3, 20, 20));
    assertThat(data.train().size()).isEqualTo(27);
    assertThat(data.validation().size()).isEqualTo(3);
    assertThat(data.test().size()).isEqualTo(5);
    assertThat(data.horizontalFlip()).isTrue();
    for (int i = 0; i < data.train().size(); i++) {
      int[] colour = colour(data.train(), i);
      int[] expected =
          data.train().label(i) == 0 ? new int[] {200, 30, 40} : new int[] {10, 220, 90};
      for (int c = 0; c < 3; c++) {
        assertThat(colour[c]).isCloseTo(expected[c], within(4));
      }
    }
  }

  @Test
  void withoutTrainFolder_isDividedInThree_everyClassInEachPart() throws IOException {
    fill("a", 40, Color.RED, "png");
    fill("b", 4, Color.BLUE, "png");
    DataSet data = load();
    assertThat(data.train().size()).isEqualTo(30);
    assertThat(data.validation().size()).isEqualTo(7);
    assertThat(data.test().size()).isEqualTo(7);
    assertThat(data.validation().labels()).contains(0, 1);
    assertThat(data.test().labels()).contains(0, 1);
    assertThat(load().sha256()).isEqualTo(data.sha256());
    assertThat(DataSets.load("folder:" + folder, DataOptions.of(3), Progress.none()).sha256())
        .isNotEqualTo(data.sha256());
  }

  @Test
  void digitFolders_areNotMirrored() throws IOException {
    fill("0", 5, Color.RED, "png");
    fill("1", 5, Color.BLUE, "png");
    assertThat(load().horizontalFlip()).isFalse();
  }

  @Test
  void limits_decodeOnlyWhatIsWanted() throws IOException {
    fill("train/a", 20, Color.RED, "png");
    fill("train/b", 20, Color.BLUE, "png");
    fill("test/a", 5, Color.RED, "png");
    DataSet data = DataSets.load("folder:" + folder, OPTIONS.withAtMost(10, 2, 3), Progress.none());
    assertThat(data.train().size()).isEqualTo(10);
    assertThat(data.validation().size()).isEqualTo(2);
    assertThat(data.test().size()).isEqualTo(3);
  }

  @Test
  void greyPng_keepsItsValues() throws IOException {
    fill("a", 5, Color.RED, "png");
    BufferedImage grey = new BufferedImage(20, 20, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 400; i++) {
      grey.getRaster().setSample(i % 20, i / 20, 0, 100);
    }
    copies("b", grey, "png");
    assertThat(colourOf("b")).containsExactly(100, 100, 100);
  }

  @Test
  void sixteenBitGreyPng_isScaledToBytes() throws IOException {
    fill("a", 5, Color.RED, "png");
    BufferedImage grey = new BufferedImage(20, 20, BufferedImage.TYPE_USHORT_GRAY);
    for (int i = 0; i < 400; i++) {
      grey.getRaster().setSample(i % 20, i / 20, 0, 0x8080);
    }
    copies("b", grey, "png");
    assertThat(colourOf("b")).containsExactly(0x80, 0x80, 0x80);
  }

  @Test
  void transparentPng_isLaidOnWhite() throws IOException {
    fill("a", 5, Color.RED, "png");
    BufferedImage half = new BufferedImage(20, 20, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < 400; i++) {
      half.setRGB(i % 20, i / 20, 0x800000ff);
    }
    copies("b", half, "png");
    assertThat(colourOf("b")).containsExactly(127, 127, 255);
  }

  @Test
  void palettePng_isRead() throws IOException {
    fill("a", 5, Color.RED, "png");
    BufferedImage indexed = new BufferedImage(20, 20, BufferedImage.TYPE_BYTE_INDEXED);
    for (int i = 0; i < 400; i++) {
      indexed.setRGB(i % 20, i / 20, 0xff33cc66);
    }
    copies("b", indexed, "png");
    assertThat(colourOf("b")).containsExactly(0x33, 0xcc, 0x66);
  }

  @Test
  void cmykJpeg_isConverted() throws IOException {
    fill("a", 5, Color.RED, "png");
    WritableRaster ink = Raster.createInterleavedRaster(0, 20, 20, 4, null);
    for (int i = 0; i < 400; i++) {
      ink.setPixel(i % 20, i / 20, new int[] {0, 255, 128, 0});
    }
    Files.createDirectories(folder.resolve("b"));
    for (int i = 0; i < 5; i++) {
      ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
      File file = folder.resolve("b/" + i + ".jpg").toFile();
      try (ImageOutputStream out = ImageIO.createImageOutputStream(file)) {
        writer.setOutput(out);
        writer.write(null, new IIOImage(ink, null, null), null);
      }
      writer.dispose();
    }
    int[] colour = colourOf("b");
    assertThat(colour[0]).isCloseTo(255, within(4));
    assertThat(colour[1]).isCloseTo(0, within(4));
    assertThat(colour[2]).isCloseTo(127, within(4));
  }

  @Test
  void largeImage_isAveragedOverAreas_fromItsCentre() throws IOException {
    fill("a", 5, Color.RED, "png");
    // A board of single black and white pixels is grey from afar; the red margins are cut off.
    BufferedImage board = new BufferedImage(240, 160, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 160; y++) {
      for (int x = 0; x < 240; x++) {
        boolean margin = x < 40 || x >= 200;
        board.setRGB(x, y, margin ? 0xff0000 : (x + y) % 2 == 0 ? 0xffffff : 0);
      }
    }
    copies("b", board, "png");
    DataSet data = DataSets.load("folder:" + folder, OPTIONS.withResolution(16), Progress.none());
    int b = index(data.train(), 1);
    assertThat(data.train().pixels(b)).containsOnly((byte) 128);
  }

  @Test
  void corruptImage_isNamed() throws IOException {
    fill("a", 5, Color.RED, "png");
    fill("b", 5, Color.BLUE, "png");
    Files.writeString(folder.resolve("b/3.png"), "not an image");
    assertThatThrownBy(this::load)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("b" + File.separator + "3.png")
        .hasMessageContaining("6e 6f 74 20");
  }

  @Test
  void damagedPng_isNamed() throws IOException {
    fill("a", 5, Color.RED, "png");
    fill("b", 5, Color.BLUE, "png");
    byte[] bytes = Files.readAllBytes(folder.resolve("b/3.png"));
    Files.write(folder.resolve("b/3.png"), Arrays.copyOf(bytes, bytes.length - 30));
    assertThatThrownBy(this::load).hasMessageContaining("3.png").hasMessageContaining("damaged");
  }

  @Test
  void cutOffJpeg_isNamedRatherThanFilledWithGrey() throws IOException {
    fill("a", 5, Color.RED, "png");
    BufferedImage noise = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    java.util.Random random = new java.util.Random(1);
    for (int i = 0; i < 64 * 64; i++) {
      noise.setRGB(i % 64, i / 64, random.nextInt(1 << 24));
    }
    copies("b", noise, "jpg");
    byte[] bytes = Files.readAllBytes(folder.resolve("b/2.jpg"));
    Files.write(folder.resolve("b/2.jpg"), Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(this::load).hasMessageContaining("2.jpg").hasMessageContaining("damaged");
  }

  @Test
  void damagedImages_areAllNamedAtOnce_orLeftOut() throws IOException {
    fill("a", 10, Color.RED, "png");
    fill("b", 10, Color.BLUE, "png");
    Files.write(folder.resolve("a/3.png"), new byte[0]);
    Files.writeString(folder.resolve("a/5.png"), "<!DOCTYPE html><p>404");
    Files.write(folder.resolve("b/7.heic"), heic());
    assertThatThrownBy(this::load)
        .hasMessageContaining("3 of 21 images cannot be read")
        .hasMessageContaining("3.png: the image cannot be read: the file is empty")
        .hasMessageContaining("5.png: the image cannot be read: it is a web page")
        .hasMessageContaining("7.heic: the image cannot be read: it is HEIC");
    LoadedData rest =
        DataSets.open("folder:" + folder, OPTIONS.skippingUnreadable(true), Progress.none());
    assertThat(rest.report().unreadable()).hasSize(3);
    DataSet data = rest.data();
    assertThat(data.train().size() + data.validation().size() + data.test().size()).isEqualTo(18);
  }

  @Test
  void oneClass_isRefused() throws IOException {
    fill("only", 5, Color.RED, "png");
    assertThatThrownBy(this::load)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("one class only (only)");
  }

  @Test
  void emptyClass_isNamed() throws IOException {
    fill("a", 5, Color.RED, "png");
    Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(this::load)
        .hasMessageContaining("empty")
        .hasMessageContaining("no JPEG, PNG");
  }

  @Test
  void tooFewImages_nameTheClass() throws IOException {
    fill("a", 5, Color.RED, "png");
    fill("rare", 2, Color.BLUE, "png");
    assertThatThrownBy(this::load).hasMessageContaining("'rare' has 2 images");
  }

  @Test
  void testClassThatTrainLacks_isNamed() throws IOException {
    fill("train/a", 5, Color.RED, "png");
    fill("train/b", 5, Color.BLUE, "png");
    fill("test/c", 5, Color.BLUE, "png");
    assertThatThrownBy(this::load).hasMessageContaining("'c'");
  }

  @Test
  void looseImages_areExplained() throws IOException {
    fill("", 5, Color.RED, "png");
    assertThatThrownBy(this::load).hasMessageContaining("one folder a class");
  }

  @Test
  void givenValidationImages_areUsed_testImagesComeFromTrain() throws IOException {
    fill("train/a", 20, Color.RED, "png");
    fill("train/b", 20, Color.BLUE, "png");
    fill("val/a", 5, Color.GREEN, "png");
    fill("val/b", 5, Color.GREEN, "png");
    DataSet data = load();
    assertThat(data.train().size()).isEqualTo(34);
    assertThat(data.validation().size()).isEqualTo(10);
    assertThat(data.test().size()).isEqualTo(6);
    assertThat(colour(data.validation(), 0)).containsExactly(0, 255, 0);
  }

  /** The first bytes of what an iPhone writes. */
  private static byte[] heic() {
    byte[] bytes = new byte[64];
    byte[] brand = "ftypheic".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    System.arraycopy(brand, 0, bytes, 4, brand.length);
    bytes[3] = 24;
    return bytes;
  }

  @Test
  void missingFolder_isNamed() {
    assertThatThrownBy(
            () -> DataSets.load("folder:" + folder.resolve("gone"), OPTIONS, Progress.none()))
        .hasMessageContaining("gone")
        .hasMessageContaining("does not exist");
  }

  @Test
  void archiveInsteadOfFolder_isExplained() throws IOException {
    Files.write(folder.resolve("data.tar.gz"), new byte[9]);
    assertThatThrownBy(() -> DataSets.check("folder:" + folder.resolve("data.tar.gz")))
        .hasMessageContaining("not a folder");
  }

  private DataSet load() {
    return DataSets.load("folder:" + folder, OPTIONS, Progress.none());
  }

  private void fill(String name, int count, Color colour, String format) throws IOException {
    Path directory = Files.createDirectories(folder.resolve(name));
    for (int i = 0; i < count; i++) {
      BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
      for (int k = 0; k < 400; k++) {
        image.setRGB(k % 20, k / 20, colour.getRGB());
      }
      // One pixel tells the images apart.
      image.setRGB(0, 0, i * 7);
      ImageIO.write(image, format, directory.resolve(i + "." + format).toFile());
    }
  }

  private void copies(String name, BufferedImage image, String format) throws IOException {
    Path directory = Files.createDirectories(folder.resolve(name));
    for (int i = 0; i < 5; i++) {
      ImageIO.write(image, format, directory.resolve(i + "." + format).toFile());
    }
  }

  private int[] colourOf(String name) {
    DataSet data = load();
    int label = List.copyOf(data.classes()).indexOf(name);
    return colour(data.train(), index(data.train(), label));
  }

  private static int index(LabelledImages images, int label) {
    int at = 0;
    while (images.label(at) != label) {
      at++;
    }
    return at;
  }

  /** The colour of an image's centre. */
  private static int[] colour(LabelledImages images, int index) {
    int plane = images.shape().height() * images.shape().width();
    int centre = plane / 2 + images.shape().width() / 2;
    int[] colour = new int[3];
    for (int c = 0; c < 3; c++) {
      colour[c] = images.pixels(index)[c * plane + centre] & 0xff;
    }
    return colour;
  }
}
