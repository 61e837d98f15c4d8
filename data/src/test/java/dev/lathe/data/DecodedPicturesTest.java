package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.data.picture.Framing;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecodedPicturesTest {
  @TempDir Path folder;
  private DataOptions options;
  private List<Path> files;

  @BeforeEach
  void pictures() throws IOException {
    options = DataOptions.of(1).withHome(folder);
    files = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      BufferedImage image = new BufferedImage(10, 10, BufferedImage.TYPE_INT_RGB);
      for (int k = 0; k < 100; k++) {
        image.setRGB(k % 10, k / 10, i * 60_000 + k * 500);
      }
      Path file = folder.resolve(i + ".png");
      ImageIO.write(image, "png", file.toFile());
      files.add(file);
    }
  }

  @Test
  void kept_areTheSame_andNotDecodedAgain() throws IOException {
    DecodedPictures first = read();
    // Same size, same time, other bytes: only who decodes again notices.
    for (Path file : files) {
      var time = Files.getLastModifiedTime(file);
      Files.write(file, new byte[(int) Files.size(file)]);
      Files.setLastModifiedTime(file, time);
    }
    assertSame(first, read());
  }

  @Test
  void halfWritten_goOn() throws IOException {
    DecodedPictures first = read();
    try (Stream<Path> kept = Files.list(folder.resolve("data"))) {
      Path facts =
          kept.filter(file -> file.toString().endsWith(".facts")).findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(facts);
      Files.write(facts, java.util.Arrays.copyOf(bytes, bytes.length / 2));
      Files.write(facts, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
    }
    assertSame(first, read());
    assertSame(first, read());
  }

  @Test
  void changedFile_isDecodedAnew() throws IOException {
    DecodedPictures first = read();
    ImageIO.write(new BufferedImage(30, 30, 1), "png", files.get(3).toFile());
    assertThat(read().pictures().get(3).facts().orElseThrow().width()).isEqualTo(30);
    assertThat(first.pictures().get(3).facts().orElseThrow().width()).isEqualTo(10);
  }

  @Test
  void repairedFile_isReadTheNextTime() throws IOException {
    byte[] good = Files.readAllBytes(files.get(2));
    var time = Files.getLastModifiedTime(files.get(2));
    Files.write(files.get(2), new byte[good.length]);
    Files.setLastModifiedTime(files.get(2), time);
    assertThat(read().pictures().get(2).problem()).contains("zeros");
    Files.write(files.get(2), good);
    Files.setLastModifiedTime(files.get(2), time);
    assertThat(read().pictures().get(2).readable()).isTrue();
  }

  @Test
  void largeStores_areFiles_andViewsOfThemAreRight() {
    // Larger than what is kept in memory.
    int side = 256;
    int count = (int) (PixelStore.LARGEST_IN_MEMORY / (3L * side * side)) + 2;
    PixelStore store =
        PixelStore.make(
            new ImageShape(3, side, side),
            count,
            folder,
            () ->
                (place, to, offset) -> {
                  to[offset] = (byte) place;
                  to[offset + 3 * side * side - 1] = (byte) (place >> 8);
                },
            Progress.none(),
            "");
    assertThat(store).isInstanceOf(PixelFile.class);
    LabelledImages images = LabelledImages.of(store, new int[count]);
    byte[] last = images.subset(new int[] {3, count - 1}).pixels(1);
    assertThat(last[0]).isEqualTo((byte) (count - 1));
    assertThat(last[last.length - 1]).isEqualTo((byte) ((count - 1) >> 8));
  }

  @Test
  void interruptedReader_readsOn() {
    PixelStore store = read().pixels();
    Thread.currentThread().interrupt();
    byte[] pixels = new byte[store.shape().values()];
    store.read(5, pixels, 0);
    assertThat(Thread.interrupted()).isTrue();
    store.read(6, pixels, 0);
  }

  private DecodedPictures read() {
    return DecodedPictures.of(files, Framing.square(8), options, Progress.none());
  }

  private static void assertSame(DecodedPictures first, DecodedPictures second) {
    byte[] a = new byte[first.pixels().shape().values()];
    byte[] b = new byte[a.length];
    for (int i = 0; i < first.pictures().size(); i++) {
      first.pixels().read(i, a, 0);
      second.pixels().read(i, b, 0);
      assertThat(b).isEqualTo(a);
      assertThat(second.pixels().summary(i).sha256()).isEqualTo(first.pixels().summary(i).sha256());
    }
  }
}
