package dev.lathe.space.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.space.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementTableTest {
  @TempDir Path folder;

  private MeasurementTable table(String text) throws IOException {
    Path file = folder.resolve("t.csv");
    Files.writeString(file, text);
    return MeasurementTable.read(file);
  }

  @Test
  void read_ordersNumbersNumericallyAndKeepsMissingValues() throws IOException {
    MeasurementTable table = table("gene:w,gene:op,metric:a_ms\n16,conv,1.5\n8,add,\n");
    assertThat(table.genes().get(0).choices()).containsExactly("8", "16");
    assertThat(table.genes().get(1).choices()).containsExactly("add", "conv");
    assertThat(table.metric("a_ms")).containsExactly(1.5, Double.NaN);
    assertThat(table.metric("metric:a_ms")[0]).isEqualTo(1.5);
    assertThat(table.row(Architecture.of(1, 1))).hasValue(0);
    assertThat(table.row(Architecture.of(1, 0))).isEmpty();
  }

  @Test
  void read_namesLineAndColumnOfFaults() {
    assertThatThrownBy(() -> table("gene:w,metric:a_ms\n1,2\n1\n")).hasMessageContaining("line 3");
    assertThatThrownBy(() -> table("gene:w,metric:a_ms\n1,x\n"))
        .hasMessageContaining("line 2")
        .hasMessageContaining("metric:a_ms");
    assertThatThrownBy(() -> table("w,metric:a_ms\n1,2\n")).hasMessageContaining("'w'");
    assertThatThrownBy(() -> table("")).hasMessageContaining("empty");
  }

  @Test
  void metric_thatIsNotThereListsThoseThatAre() throws IOException {
    MeasurementTable table = table("gene:w,metric:a_ms\n1,2\n");
    assertThatThrownBy(() -> table.metric("b_ms"))
        .hasMessageContaining("b_ms")
        .hasMessageContaining("a_ms");
  }
}
