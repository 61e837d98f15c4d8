package dev.lathe.onnx.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessFolderTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  /** No system gives such a number. */
  private static final long NOBODY = 1L << 50;

  @TempDir Path place;

  private Path left(String name, Duration age) throws IOException {
    Path folder = Files.createDirectories(place.resolve(name));
    Files.writeString(Files.createDirectories(folder.resolve("deep")).resolve("file"), "x");
    Files.setLastModifiedTime(folder, FileTime.from(NOW.minus(age)));
    return folder;
  }

  @Test
  void sweep_takesWhatAKilledProcessLeftAnHourAgo_andNothingElse() throws IOException {
    Path dead = left("lathe-model-" + NOBODY + "-1", Duration.ofHours(2));
    Path fresh = left("lathe-model-" + NOBODY + "-2", Duration.ofMinutes(5));
    Path mine = left("lathe-model-" + ProcessHandle.current().pid() + "-3", Duration.ofHours(2));
    Path others = left("somebody-" + NOBODY + "-4", Duration.ofHours(2));
    ProcessFolder.sweep(place, NOW);
    assertThat(dead).doesNotExist();
    assertThat(fresh).exists();
    assertThat(mine).exists();
    assertThat(others).exists();
  }

  @Test
  void librariesOfKilledProcesses_areSwept_butNotThoseInUse() throws IOException {
    Path dead = left("onnxruntime-java1", Duration.ofHours(2));
    Path fresh = left("onnxruntime-java2", Duration.ofMinutes(5));
    Path used = left("onnxruntime-java3", Duration.ofHours(2));
    assumeTrue(Files.isReadable(Path.of("/proc/self/maps")), "no Linux");
    try (Arena arena = Arena.ofConfined();
        FileChannel library = FileChannel.open(used.resolve("deep/file"))) {
      MemorySegment loaded = library.map(MapMode.READ_ONLY, 0, 1, arena);
      ProcessFolder.sweep(place, NOW);
      assertThat(loaded.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 'x');
      assertThat(dead).doesNotExist();
      assertThat(fresh).exists();
      assertThat(used).exists();
    }
    ProcessFolder.sweep(place, NOW);
    assertThat(used).as("nobody has it any more").doesNotExist();
  }

  @Test
  void delete_ofWhatIsNotThereIsNothing_andLinksAreNotFollowed() throws IOException {
    ProcessFolder.delete(place.resolve("nothing"));
    Path kept = left("kept", Duration.ZERO);
    Path folder = left("lathe-model-1-5", Duration.ZERO);
    Files.createSymbolicLink(folder.resolve("link"), kept);
    ProcessFolder.delete(folder);
    assertThat(folder).doesNotExist();
    assertThat(kept.resolve("deep/file")).exists();
  }
}
