package dev.lathe.farm.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.farm.Backends;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementBackendContract;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.TestModels;
import dev.lathe.farm.Verdict;
import dev.lathe.space.Architecture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableBackendTest extends MeasurementBackendContract {
  private static final MeasurementProtocol QUICK = MeasurementProtocol.quick(1);

  private Path table;

  @BeforeEach
  void write() throws Exception {
    table =
        Files.writeString(
            folder.resolve("published.csv"),
            """
            gene:width,gene:depth,metric:accuracy_percent,metric:phone_latency_ms
            1,1,50,2.5
            2,1,60,8.0
            2,2,70,
            """);
  }

  private MeasurementBackend open(String noise) throws Exception {
    return Backends.open(
        "table", Map.of("table", table.toString(), "column", "phone_latency_ms", "noise", noise));
  }

  @Override
  protected MeasurementBackend backend() throws Exception {
    return open("0.01");
  }

  @Override
  protected List<Path> models() {
    return List.of(row("small.onnx", 0, 0), row("large.onnx", 1, 0));
  }

  private Path row(String name, int... choices) {
    return TestModels.file(folder, name, TableRow.model(Architecture.of(choices)).toBytes());
  }

  @Test
  void figure_isThePublishedOneWithNoiseThatRepeatsWithTheSeed() throws Exception {
    assertThat(open("0").measure(row("a.onnx", 0, 0), QUICK).p50()).isEqualTo(2.5);
    Measurement noisy = open("0.02").measure(row("a.onnx", 0, 0), QUICK);
    assertThat(noisy.p50()).isBetween(2.4, 2.6);
    assertThat(noisy.mad()).isPositive();
    assertThat(noisy.verdict().level()).isEqualTo(Verdict.Level.UNKNOWN);
    assertThat(open("0.02").measure(row("a.onnx", 0, 0), QUICK).samplesMillis())
        .isEqualTo(noisy.samplesMillis());
  }

  @Test
  void architectureWithoutAFigure_isRefusedByName() throws Exception {
    try (MeasurementBackend backend = open("0")) {
      assertThatThrownBy(() -> backend.measure(row("none.onnx", 1, 1), QUICK))
          .hasMessageContaining("none.onnx")
          .hasMessageContaining("no figure of architecture [1, 1]");
      assertThatThrownBy(
              () ->
                  backend.measure(
                      TestModels.file(folder, "net.onnx", TestModels.mobile(8, 1, 16)), QUICK))
          .hasMessageContaining("lathe.architecture");
    }
  }

  @Test
  void columnThatIsNoLatency_isRefusedWithThoseThatAre() {
    assertThatThrownBy(
            () ->
                Backends.open(
                    "table", Map.of("table", table.toString(), "column", "accuracy_percent")))
        .hasMessageContaining("no latency in milliseconds")
        .hasMessageContaining("phone_latency_ms");
  }
}
