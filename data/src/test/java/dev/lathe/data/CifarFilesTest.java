package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarFilesTest {
  @TempDir Path folder;

  @Test
  void cifar10_batchesAndTest_areRead() throws IOException {
    for (int batch = 1; batch <= 5; batch++) {
      write("data_batch_" + batch + ".bin", records(1, 20, 10));
    }
    write("test_batch.bin", records(1, 30, 10));
    Files.writeString(folder.resolve("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
    DataSet data = load();
    assertThat(data.name()).isEqualTo("cifar10");
    assertThat(data.classes()).containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    assertThat(data.train().size()).isEqualTo(90);
    assertThat(data.validation().size()).isEqualTo(10);
    assertThat(data.test().size()).isEqualTo(30);
    assertThat(data.horizontalFlip()).isTrue();
    for (int i = 0; i < data.test().size(); i++) {
      byte[] pixels = data.test().pixels(i);
      assertThat(pixels[0] % 10).isEqualTo(data.test().label(i));
      assertThat(pixels[3071]).isEqualTo(pixels[0]);
    }
  }

  @Test
  void cifar100_takesFineLabels_inTheArchivesFolder() throws IOException {
    folder = Files.createDirectory(folder.resolve("cifar-100-binary"));
    write("train.bin", records(2, 400, 100));
    write("test.bin", records(2, 100, 100));
    folder = folder.getParent();
    DataSet data = load();
    assertThat(data.name()).isEqualTo("cifar100");
    assertThat(data.classes()).hasSize(100).startsWith("0", "1");
    assertThat(data.test().labels()).contains(99);
  }

  @Test
  void otherResolution_isResized() throws IOException {
    write("data_batch_1.bin", records(1, 100, 10));
    DataSet data =
        DataSets.load("cifar:" + folder, DataOptions.of(1).withResolution(16), Progress.none());
    assertThat(data.shape()).isEqualTo(new ImageShape(3, 16, 16));
    byte[] pixels = data.train().pixels(0);
    assertThat(pixels).containsOnly(pixels[0]);
  }

  @Test
  void truncatedBatch_isNamedWithTheOffset() throws IOException {
    write("data_batch_1.bin", Arrays.copyOf(records(1, 100, 10), 100 * 3073 - 7));
    assertThatThrownBy(this::load)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data_batch_1.bin: at byte 307293")
        .hasMessageContaining("3066 bytes into an image");
  }

  @Test
  void wrongLabel_isNamedWithTheOffset() throws IOException {
    byte[] records = records(1, 100, 10);
    records[3 * 3073] = 11;
    write("data_batch_1.bin", records);
    assertThatThrownBy(this::load).hasMessageContaining("at byte 9219: label 11");
  }

  @Test
  void missingFiles_areNamed() {
    assertThatThrownBy(this::load)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data_batch_1.bin");
  }

  private DataSet load() {
    return DataSets.load("cifar:" + folder, DataOptions.of(1), Progress.none());
  }

  private void write(String name, byte[] bytes) throws IOException {
    Files.write(folder.resolve(name), bytes);
  }

  /** Record i has class i mod classes and all pixels i mod 100. */
  private static byte[] records(int labelBytes, int count, int classes) {
    int record = labelBytes + 3072;
    byte[] bytes = new byte[count * record];
    for (int i = 0; i < count; i++) {
      Arrays.fill(bytes, i * record + labelBytes, (i + 1) * record, (byte) (i % 100));
      bytes[i * record + labelBytes - 1] = (byte) (i % classes);
    }
    return bytes;
  }
}
