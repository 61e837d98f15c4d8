package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFilesTest {
  private static final DataOptions OPTIONS = DataOptions.of(3);

  @TempDir Path folder;

  @Test
  void trainAndTest_plainAndGzipped_areReadWithGreyRepeated() throws IOException {
    write("train-images-idx3-ubyte", images(40, 4, 5));
    write("train-labels-idx1-ubyte", labels(40, 4));
    write("t10k-images-idx3-ubyte.gz", gzip(images(8, 4, 5)));
    write("t10k-labels-idx1-ubyte.gz", gzip(labels(8, 4)));
    DataSet data = load();
    assertThat(data.classes()).containsExactly("0", "1", "2", "3");
    assertThat(data.shape()).isEqualTo(new ImageShape(3, 4, 5));
    assertThat(data.train().size() + data.validation().size()).isEqualTo(40);
    assertThat(data.validation().size()).isEqualTo(4);
    assertThat(data.test().size()).isEqualTo(8);
    assertThat(data.horizontalFlip()).isFalse();
    // Image i has all pixels equal to i, and its class is i mod 4.
    for (int i = 0; i < data.train().size(); i++) {
      byte[] pixels = data.train().pixels(i);
      assertThat(pixels).containsOnly(pixels[0]);
      assertThat(data.train().label(i)).isEqualTo(pixels[0] % 4);
    }
  }

  @Test
  void singleSplit_isDividedSeventyFifteenFifteen_bySeed_withoutOverlap() throws IOException {
    write("digits-images.idx3-ubyte", images(100, 4, 4));
    write("digits-labels.idx1-ubyte", labels(100, 5));
    DataSet data = load();
    assertThat(data.train().size()).isEqualTo(70);
    assertThat(data.validation().size()).isEqualTo(15);
    assertThat(data.test().size()).isEqualTo(15);
    List<Integer> seen = new ArrayList<>();
    for (LabelledImages part : List.of(data.train(), data.validation(), data.test())) {
      for (int i = 0; i < part.size(); i++) {
        seen.add((int) part.pixels(i)[0]);
      }
    }
    assertThat(seen).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void labelsFromOne_becomeClassesNamedByLabel() throws IOException {
    byte[] labels = labels(20, 2);
    for (int i = 8; i < labels.length; i++) {
      labels[i]++;
    }
    write("train-images-idx3-ubyte", images(20, 4, 4));
    write("train-labels-idx1-ubyte", labels);
    assertThat(load().classes()).containsExactly("1", "2");
  }

  @Test
  void truncatedImages_areNamedWithTheOffset() throws IOException {
    byte[] whole = images(20, 4, 4);
    write("train-images-idx3-ubyte", Arrays.copyOf(whole, 100));
    write("train-labels-idx1-ubyte", labels(20, 2));
    assertThatThrownBy(this::load)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("train-images-idx3-ubyte: at byte 100")
        .hasMessageContaining("320");
  }

  @Test
  void truncatedHeader_isNamedWithTheOffset() throws IOException {
    write("train-images-idx3-ubyte", Arrays.copyOf(images(20, 4, 4), 10));
    write("train-labels-idx1-ubyte", labels(20, 2));
    assertThatThrownBy(this::load).hasMessageContaining("at byte 10");
  }

  @Test
  void truncatedGzip_isNamed() throws IOException {
    byte[] packed = gzip(images(2000, 4, 4));
    write("train-images-idx3-ubyte.gz", Arrays.copyOf(packed, packed.length / 2));
    write("train-labels-idx1-ubyte", labels(2000, 2));
    assertThatThrownBy(this::load)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("train-images-idx3-ubyte.gz")
        .hasMessageContaining("after byte 16");
  }

  @Test
  void trailingBytes_areNamedWithTheOffset() throws IOException {
    byte[] whole = images(20, 4, 4);
    write("train-images-idx3-ubyte", Arrays.copyOf(whole, whole.length + 1));
    write("train-labels-idx1-ubyte", labels(20, 2));
    assertThatThrownBy(this::load).hasMessageContaining("at byte 336");
  }

  @Test
  void wrongMagic_isNamedWithTheOffset() throws IOException {
    write("train-images-idx3-ubyte", "<html>not found</html>".getBytes("UTF-8"));
    write("train-labels-idx1-ubyte", labels(20, 2));
    assertThatThrownBy(this::load).hasMessageContaining("at byte 0").hasMessageContaining("3c 68");
  }

  @Test
  void hugeSizes_areRefusedBeforeAllocation() throws IOException {
    byte[] whole = images(20, 4, 4);
    ByteBuffer.wrap(whole).putInt(4, 99_999_999).putInt(8, 4096).putInt(12, 4096);
    write("train-images-idx3-ubyte", whole);
    write("train-labels-idx1-ubyte", labels(20, 2));
    assertThatThrownBy(this::load).isInstanceOf(DataException.class).hasMessageContaining("MB");
  }

  @Test
  void otherNumberOfLabels_isNamed() throws IOException {
    write("train-images-idx3-ubyte", images(20, 4, 4));
    write("train-labels-idx1-ubyte", labels(19, 2));
    assertThatThrownBy(this::load).hasMessageContaining("19 labels").hasMessageContaining("20");
  }

  @Test
  void missingLabels_areNamed() throws IOException {
    write("train-images-idx3-ubyte.gz", gzip(images(20, 4, 4)));
    assertThatThrownBy(this::load).hasMessageContaining("'train-labels-idx1-ubyte.gz'");
  }

  @Test
  void oneClass_isRefused() throws IOException {
    write("train-images-idx3-ubyte", images(20, 4, 4));
    write("train-labels-idx1-ubyte", labels(20, 1));
    assertThatThrownBy(this::load).hasMessageContaining("one class only");
  }

  @Test
  void testLabelThatTrainingLacks_isNamedWithTheOffset() throws IOException {
    write("train-images-idx3-ubyte", images(20, 4, 4));
    write("train-labels-idx1-ubyte", labels(20, 2));
    write("t10k-images-idx3-ubyte", images(20, 4, 4));
    write("t10k-labels-idx1-ubyte", labels(20, 3));
    assertThatThrownBy(this::load)
        .hasMessageContaining("t10k-labels-idx1-ubyte: at byte 10: label 2");
  }

  @Test
  void twoFamiliesInOneFolder_areRefused() throws IOException {
    write("mnist-train-images-idx3-ubyte", images(20, 4, 4));
    write("mnist-train-labels-idx1-ubyte", labels(20, 2));
    write("kmnist-train-images-idx3-ubyte", images(20, 4, 4));
    write("kmnist-train-labels-idx1-ubyte", labels(20, 2));
    assertThatThrownBy(this::load).hasMessageContaining("several data sets");
  }

  @Test
  void emptyFolder_saysWhatIsLookedFor() {
    assertThatThrownBy(this::load).hasMessageContaining("no IDX images");
  }

  @Test
  void missingFolder_isNamed() {
    assertThatThrownBy(
            () -> DataSets.load("idx:" + folder.resolve("nowhere"), OPTIONS, Progress.none()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nowhere")
        .hasMessageContaining("does not exist");
  }

  @Test
  void mnistTestFiles_areDivided() {
    Path shared = TestData.folder();
    assumeTrue(
        Files.exists(shared.resolve("mnist_t10k-images-idx3-ubyte.gz")),
        () -> "no MNIST files in " + shared);
    DataSet data = DataSets.load("idx:" + shared, OPTIONS, Progress.none());
    assertThat(data.classes()).hasSize(10);
    assertThat(data.train().size()).isBetween(6990, 7010);
    assertThat(data.validation().size()).isBetween(1490, 1510);
    assertThat(data.train().size() + data.validation().size() + data.test().size())
        .isEqualTo(10_000);
    assertThat(data.normalization().mean()[0]).isBetween(0.12f, 0.14f);
  }

  private DataSet load() {
    return DataSets.load("idx:" + folder, OPTIONS, Progress.none());
  }

  private void write(String name, byte[] bytes) throws IOException {
    Files.write(folder.resolve(name), bytes);
  }

  /** Image i has all pixels i mod 128. */
  private static byte[] images(int count, int height, int width) {
    ByteBuffer buffer = ByteBuffer.allocate(16 + count * height * width);
    buffer.putInt(0x0803).putInt(count).putInt(height).putInt(width);
    for (int i = 0; i < count * height * width; i++) {
      buffer.put((byte) (i / (height * width) % 128));
    }
    return buffer.array();
  }

  private static byte[] labels(int count, int classes) {
    ByteBuffer buffer = ByteBuffer.allocate(8 + count);
    buffer.putInt(0x0801).putInt(count);
    for (int i = 0; i < count; i++) {
      buffer.put((byte) (i % classes));
    }
    return buffer.array();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }
}
