package dev.lathe.space.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedSpaceTest {
  @TempDir Path folder;

  private MeasurementTable table(String text) throws IOException {
    Path file = folder.resolve("t.csv");
    Files.writeString(file, text);
    return MeasurementTable.read(file);
  }

  @Test
  void canonical_isTheNearestRow() throws IOException {
    MeasurementTable table =
        table("gene:a,gene:b,gene:c,metric:m_ms\n0,0,0,1\n1,1,1,2\n2,2,2,3\n0,1,2,4\n");
    RecordedSpace space = new RecordedSpace(table);
    assertThat(space.size()).isEqualTo(BigInteger.valueOf(4));
    assertThat(space.canonical(Architecture.of(2, 2, 2))).isEqualTo(Architecture.of(2, 2, 2));
    assertThat(space.canonical(Architecture.of(1, 1, 0))).isEqualTo(Architecture.of(1, 1, 1));
    assertThat(space.canonical(Architecture.of(2, 0, 2))).isEqualTo(Architecture.of(2, 2, 2));
    assertThatThrownBy(() -> space.canonical(Architecture.of(3, 0, 0))).hasMessageContaining("'a'");
  }

  @Test
  void canonical_ofEquallyNearRowsIsAlwaysTheSame_andNotOneForAll() throws IOException {
    StringBuilder text = new StringBuilder("gene:a,gene:b,metric:m_ms\n");
    for (int i = 0; i < 40; i++) {
      text.append("%d,%d,1\n".formatted(i, i));
    }
    RecordedSpace space = new RecordedSpace(table(text.toString()));
    int first = 0;
    for (int i = 1; i < 40; i++) {
      Architecture between = Architecture.of(i, i - 1);
      Architecture canonical = space.canonical(between);
      assertThat(space.canonical(between)).isEqualTo(canonical);
      assertThat(space.canonical(canonical)).isEqualTo(canonical);
      assertThat(canonical.choice(0)).isIn(i, i - 1);
      first += canonical.choice(0) == i ? 1 : 0;
    }
    assertThat(first).isBetween(8, 31);
  }

  @Test
  void sample_drawsEveryRowAndNothingElse() throws IOException {
    RecordedSpace space =
        new RecordedSpace(table("gene:a,gene:b,metric:m_ms\n0,0,1\n0,1,\n1,1,2\n0,0,5\n"));
    RandomGenerator random = new RandomStreams(1).at("test", 0);
    Set<Architecture> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      seen.add(space.sample(random));
    }
    assertThat(seen)
        .containsExactlyInAnyOrder(
            Architecture.of(0, 0), Architecture.of(0, 1), Architecture.of(1, 1));
    assertThat(space.all().orElseThrow()).containsExactlyInAnyOrderElementsOf(seen);
  }

  @Test
  void cellWeights_countWeightsTimesBits() throws IOException {
    MeasurementTable table =
        table(
            """
            gene:edge_0-1,gene:edge_0-2,gene:bits_0-1,gene:bits_0-2
            nor_conv_1x1,nor_conv_3x3,8,4
            nor_conv_3x3,skip_connect,2,0
            none,avg_pool_3x3,0,0
            """);
    int pointwise = 5 * (16 * 16 + 32 * 32 + 64 * 64);
    assertThat(CellWeights.addedTo(table).metric(CellWeights.METRIC))
        .containsExactly(pointwise + 9 * pointwise / 2.0, 9 * pointwise / 4.0, 0);
    MeasurementTable other = table("gene:a,metric:m_ms\n1,2\n");
    assertThatThrownBy(() -> CellWeights.addedTo(other)).hasMessageContaining("edge_A-B");
  }
}
