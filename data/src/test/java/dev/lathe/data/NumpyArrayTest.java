package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NumpyArrayTest {
  @TempDir Path folder;

  private static byte[] npy(String dtype, String shape, byte... data) {
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n".formatted(dtype, shape);
    ByteBuffer buffer = ByteBuffer.allocate(10 + header.length() + data.length);
    buffer.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    buffer.put((byte) header.length()).put((byte) 0);
    buffer.put(header.getBytes(StandardCharsets.ISO_8859_1)).put(data);
    return buffer.array();
  }

  private Path npz(String name, Map<String, byte[]> arrays) throws IOException {
    Path file = folder.resolve(name);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> array : arrays.entrySet()) {
        out.putNextEntry(new ZipEntry(array.getKey() + ".npy"));
        out.write(array.getValue());
      }
    }
    return file;
  }

  @Test
  void writtenArrays_areReadAgain() throws IOException {
    Path file = folder.resolve("a.npy");
    Npy.writeFloat32(file, new float[] {1, -2.5f, 3, 4, 5, 6}, 3, 2);
    NumpyArray array = NumpyArray.read(file).get("");
    assertThat(array.shape()).containsExactly(3, 2);
    assertThat(array.number(1)).isEqualTo(-2.5);
    assertThat(array.samples()).isEqualTo(3);
  }

  @Test
  void archive_hasItsArraysByNameAndOfAnyKind() throws IOException {
    Path file =
        npz(
            "a.npz",
            Map.of(
                "bytes", npy("|u1", "2,", (byte) 200, (byte) 3),
                "big", npy(">i2", "1,", (byte) 1, (byte) 2)));
    Map<String, NumpyArray> arrays = NumpyArray.read(file);
    assertThat(arrays.get("bytes").integer(0)).isEqualTo(200);
    assertThat(arrays.get("big").integer(0)).isEqualTo(258);
  }

  @Test
  void archivesOfAFolder_areJoinedInOrder() throws IOException {
    npz("b.npz", Map.of("x", npy("|i1", "1, 2", (byte) 3, (byte) 4)));
    npz("a.npz", Map.of("x", npy("|i1", "2, 2", (byte) -1, (byte) 0, (byte) 1, (byte) 2)));
    NumpyArray array = NumpyArray.read(folder).get("x");
    assertThat(array.shape()).containsExactly(3, 2);
    assertThat(array.integer(0)).isEqualTo(-1);
    assertThat(array.integer(5)).isEqualTo(4);
  }

  @Test
  void whatCannotBeRead_isNamed() throws IOException {
    Path text = npz("t.npz", Map.of("names", npy("<U4", "1,", new byte[16])));
    assertThatThrownBy(() -> NumpyArray.read(text)).hasMessageContaining("'names'");
    Path cut = npz("c.npz", Map.of("x", npy("<f4", "5,", new byte[16])));
    assertThatThrownBy(() -> NumpyArray.read(cut))
        .hasMessageContaining("[5]")
        .hasMessageContaining("16");
    Path none = Files.writeString(folder.resolve("n.npz"), "nothing");
    assertThatThrownBy(() -> NumpyArray.read(none)).hasMessageContaining("n.npz");
  }
}
