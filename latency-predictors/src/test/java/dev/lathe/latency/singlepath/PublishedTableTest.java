package dev.lathe.latency.singlepath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedTableTest {
  @TempDir Path folder;

  private static RuntimeModel pixel1() throws IOException {
    String override = System.getenv("LATHE_TEST_DATA");
    Path data = override != null ? Path.of(override) : Path.of("../../shared/data");
    Path file = data.resolve("lut_singlepath_pixel1.json.gz");
    assumeThat(Files.exists(file)).as("published table %s is not there", file).isTrue();
    return PublishedTable.read(file);
  }

  @Test
  void pixel1_hasTwentySearchedBlocksOfWhichFifteenCanBeSkipped() throws IOException {
    RuntimeModel model = pixel1();
    assertThat(model.blocks()).hasSize(20);
    assertThat(model.blocks()).filteredOn(block -> !block.presence().isEmpty()).hasSize(15);
    // 19.5999 ms and the 5×5, expansion 6 entries of blocks 1 to 20
    assertThat(model.millis(Collections.nCopies(20, Gates.OPEN))).isCloseTo(131.4578, within(1e-3));
  }

  @Test
  void pixel1_isExactForThreeEntriesOfABlockAndWithinFivePercentForTheFourth() throws IOException {
    double sum = 0;
    for (RuntimeModel.Block block : pixel1().blocks()) {
      BlockRuntimes runtimes = block.runtimes();
      assertThat(runtimes.millis(new Gates(1, 1, 1))).isCloseTo(runtimes.largeWide(), within(1e-9));
      assertThat(runtimes.millis(new Gates(1, 0, 1)))
          .isCloseTo(runtimes.largeNarrow(), within(1e-9));
      assertThat(runtimes.millis(new Gates(0, 1, 1))).isCloseTo(runtimes.smallWide(), within(1e-9));
      assertThat(Math.abs(runtimes.deviation())).isLessThan(0.048);
      sum += Math.abs(runtimes.deviation());
    }
    assertThat(sum / 20).isCloseTo(0.0149, within(1e-4));
  }

  @Test
  void missingEntry_isNamed() throws IOException {
    Path file = folder.resolve("t.json");
    Files.writeString(file, "{\"1\": {\"0\": 1.0, \"1\": 2.0, \"2\": 1.5}}");
    assertThatThrownBy(() -> PublishedTable.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("form 3 of block 1");
  }
}
