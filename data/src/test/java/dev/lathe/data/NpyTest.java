package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyTest {
  @TempDir Path folder;

  @Test
  void float32_hasNumPysHeaderAndLittleEndianValues() throws IOException {
    Path file = folder.resolve("a.npy");
    Npy.writeFloat32(file, new float[] {1, -2.5f, 3, 4, 5, 6}, 2, 3);
    byte[] bytes = Files.readAllBytes(file);
    assertThat(header(bytes))
        .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }")
        .endsWith("\n");
    ByteBuffer values = values(bytes);
    assertThat(values.remaining()).isEqualTo(24);
    assertThat(values.getFloat()).isEqualTo(1);
    assertThat(values.getFloat()).isEqualTo(-2.5f);
  }

  @Test
  void int64_ofOneDimension_hasATupleOfOne() throws IOException {
    Path file = folder.resolve("labels.npy");
    Npy.writeInt64(file, new int[] {7, -1, 3}, 3);
    byte[] bytes = Files.readAllBytes(file);
    assertThat(header(bytes)).contains("'<i8'").contains("(3,)");
    ByteBuffer values = values(bytes);
    assertThat(values.getLong()).isEqualTo(7);
    assertThat(values.getLong()).isEqualTo(-1);
  }

  @Test
  void float32_inPieces_equalsOneWrite() throws IOException {
    float[] all = new float[10_000];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    Npy.writeFloat32(folder.resolve("whole.npy"), all, 10, 1000);
    try (Npy.Float32Writer writer = new Npy.Float32Writer(folder.resolve("pieces.npy"), 10, 1000)) {
      writer.append(java.util.Arrays.copyOfRange(all, 0, 4321));
      writer.append(java.util.Arrays.copyOfRange(all, 4321, 10_000));
      writer.finish();
    }
    assertThat(folder.resolve("pieces.npy")).hasSameBinaryContentAs(folder.resolve("whole.npy"));
  }

  @Test
  void float32_leftUnfinished_leavesNoFile() throws IOException {
    try (Npy.Float32Writer writer = new Npy.Float32Writer(folder.resolve("a.npy"), 2)) {
      writer.append(new float[1]);
      assertThatThrownBy(writer::finish).hasMessageContaining("2 values, but 1");
    }
    assertThat(folder).isEmptyDirectory();
  }

  private static String header(byte[] bytes) {
    int length = bytes[8] & 0xff | (bytes[9] & 0xff) << 8;
    assertThat((10 + length) % 64).isZero();
    assertThat(new String(bytes, 1, 5, StandardCharsets.US_ASCII)).isEqualTo("NUMPY");
    return new String(bytes, 10, length, StandardCharsets.US_ASCII);
  }

  private static ByteBuffer values(byte[] bytes) {
    int length = bytes[8] & 0xff | (bytes[9] & 0xff) << 8;
    return ByteBuffer.wrap(bytes, 10 + length, bytes.length - 10 - length)
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
