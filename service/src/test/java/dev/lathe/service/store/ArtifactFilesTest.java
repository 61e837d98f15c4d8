package dev.lathe.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.runs.ArtifactWriteException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactFilesTest {
  private static final int CHUNKS = 20;

  @TempDir Path folder;

  private static byte[] content(int bytes) {
    byte[] content = new byte[bytes];
    new Random(1).nextBytes(content);
    return content;
  }

  private List<Path> everyFile() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void content_liesUnderItsHash() throws IOException {
    ArtifactFiles files = new ArtifactFiles(folder);
    String sha256 = files.put("abc".getBytes(java.nio.charset.StandardCharsets.UTF_8));

    // The SHA-256 of "abc" as FIPS 180-4 has it.
    assertThat(sha256)
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(files.get(sha256)).asString().isEqualTo("abc");
    assertThat(everyFile()).containsExactly(files.path(sha256));
  }

  @Test
  void sameContent_isStoredOnce() throws IOException {
    ArtifactFiles files = new ArtifactFiles(folder);
    files.put(content(1000));
    files.put(content(1000));

    assertThat(everyFile()).hasSize(1);
  }

  @Test
  void failureAtAnyWrite_leavesNothing() throws IOException {
    byte[] content = content(CHUNKS << 16);
    for (int n = 0; n < CHUNKS; n++) {
      int failing = n;
      ArtifactFiles full = new ArtifactFiles(folder, (file, bytes) -> write(file, bytes, failing));

      assertThatThrownBy(() -> full.put(content))
          .as("write %d fails", n)
          .isInstanceOf(ArtifactWriteException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("No space left on device")
          .hasMessageContaining("Maybe");
      assertThat(everyFile()).as("after write %d failed", n).isEmpty();
    }
    String sha256 =
        new ArtifactFiles(folder, (file, bytes) -> write(file, bytes, CHUNKS)).put(content);
    assertThat(new ArtifactFiles(folder).get(sha256)).isEqualTo(content);
  }

  /** Writes as a disk does that is full after so many writes. */
  private static void write(Path file, byte[] content, int failing) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ArtifactFiles.writeAll(
          new WritableByteChannel() {
            private int writes;

            @Override
            public int write(ByteBuffer bytes) throws IOException {
              if (writes++ == failing) {
                throw new IOException("No space left on device");
              }
              return channel.write(bytes);
            }

            @Override
            public boolean isOpen() {
              return channel.isOpen();
            }

            @Override
            public void close() throws IOException {
              channel.close();
            }
          },
          content);
    }
  }

  @Test
  void path_takesHashesOnly() {
    ArtifactFiles files = new ArtifactFiles(folder);

    assertThatThrownBy(() -> files.path("../../etc/passwd"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
