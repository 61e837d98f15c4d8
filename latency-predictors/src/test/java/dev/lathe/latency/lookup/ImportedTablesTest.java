package dev.lathe.latency.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.latency.table.MeasuredArchitecture;
import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.table.MeasurementTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportedTablesTest {
  @TempDir Path folder;

  private static Path published(String name) {
    String override = System.getenv("LATHE_TEST_DATA");
    Path file = (override != null ? Path.of(override) : Path.of("../../shared/data")).resolve(name);
    assumeThat(Files.exists(file)).as("published table %s is not there", file).isTrue();
    return file;
  }

  @Test
  void operators_areRead_andSummed() throws IOException {
    Path file = folder.resolve("table.csv");
    Files.writeString(file, "key,mean_ms,var\nconv,0.5,0\npool,0.25,0\n");
    OperatorTable table = OperatorTable.read(file);
    assertThat(table.sum(List.of("conv", "pool", "conv"))).isEqualTo(1.25);
    assertThatThrownBy(() -> table.sum(List.of("gemm")))
        .hasMessageContaining("table.csv")
        .hasMessageContaining("'gemm'");
  }

  @Test
  void operators_thatAreNoNumbers_areRefusedByLine() throws IOException {
    Path file = folder.resolve("table.csv");
    Files.writeString(file, "key,mean_ms\nconv,0.5\npool,fast\n");
    assertThatThrownBy(() -> OperatorTable.read(file)).hasMessageContaining("line 3: 'fast'");
    Files.writeString(file, "key,mean_ms\nconv,-1\n");
    assertThatThrownBy(() -> OperatorTable.read(file)).hasMessageContaining("-1 ms");
    Files.writeString(file, "key,mean_ms\nconv,1\nconv,2\n");
    assertThatThrownBy(() -> OperatorTable.read(file)).hasMessageContaining("twice");
    Files.writeString(file, "name,mean_ms\nconv,1\n");
    assertThatThrownBy(() -> OperatorTable.read(file)).hasMessageContaining("'key'");
  }

  @Test
  void onceForAll_namesTheOperatorsOfANetwork() {
    Architecture smallest = Architecture.of(new int[46]);
    List<String> operators = new OfaMobileNetV3(ofaGenes(), false).operators(smallest);
    // stem, its block, two layers a stage, three layers at the end
    assertThat(operators).hasSize(2 + 10 + 3);
    assertThat(operators.get(2))
        .isEqualTo(
            "MBConv-input:64x64x16-output:32x32x24-expand:3-kernel:3-stride:2-idskip:0-se:0");
    assertThat(operators.get(8))
        .isEqualTo("MBConv-input:8x8x80-output:8x8x112-expand:3-kernel:3-stride:1-idskip:0-se:1");
    assertThat(operators.get(12)).isEqualTo("final_expand_layer-input:4x4x160-output:4x4x960");
    assertThatThrownBy(() -> new OfaMobileNetV3(ofaGenes().subList(0, 45), false))
        .hasMessageContaining("'resolution'");
  }

  private static List<Gene> ofaGenes() {
    Stream<Gene> kernels = genes("kernel_", 20, "3", "5", "7");
    Stream<Gene> expansions = genes("expand_", 20, "3", "4", "6");
    Stream<Gene> depths = genes("depth_", 5, "2", "3", "4");
    Stream<Gene> resolution = Stream.of(new Gene("resolution", List.of("128", "224")));
    return Stream.of(kernels, expansions, depths, resolution).flatMap(genes -> genes).toList();
  }

  private static Stream<Gene> genes(String prefix, int count, String... choices) {
    return IntStream.range(0, count).mapToObj(i -> new Gene(prefix + i, List.of(choices)));
  }

  @Test
  void publishedProcessorTable_hasEveryOperatorOfMeasuredNetworks() throws IOException {
    OperatorTable table = OperatorTable.read(published("lut_i7_8700k_ofa_mbv3.csv.gz"));
    MeasurementTable networks = MeasurementTable.read(published("ofa_mobilenetv3_latency.csv.gz"));
    OfaMobileNetV3 space = new OfaMobileNetV3(networks.genes(), false);
    OfaMobileNetV3 wide = new OfaMobileNetV3(networks.genes(), true);
    for (int row = 0; row < networks.rows(); row++) {
      Architecture architecture = networks.architecture(row);
      double millis = table.sum(space.operators(architecture));
      assertThat(millis).isBetween(1.0, 100.0);
      assertThat(table.sum(wide.operators(architecture))).isGreaterThan(millis);
    }
  }

  @Test
  void recordedSum_learnsFactorAndRest_andCoversAsItSays() {
    var random = new SplittableRandom(7);
    int covered = 0;
    int total = 0;
    for (int round = 0; round < 40; round++) {
      List<MeasuredArchitecture> samples = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        Architecture architecture = Architecture.of(random.nextInt(50), random.nextInt(50));
        double noise = 1 + 0.05 * random.nextGaussian();
        samples.add(new MeasuredArchitecture(architecture, (3 + 1.7 * sum(architecture)) * noise));
      }
      RecordedSum predictor =
          RecordedSum.calibrate(ImportedTablesTest::sum, samples.subList(0, 30));
      assertThat(predictor.factor()).isCloseTo(1.7, within(0.3));
      for (MeasuredArchitecture test : samples.subList(30, 60)) {
        covered += predictor.predict(test.architecture()).contains(test.millis()) ? 1 : 0;
        total++;
      }
    }
    assertThat((double) covered / total).isBetween(0.87, 0.96);
  }

  private static double sum(Architecture architecture) {
    return 5 + architecture.choice(0) + 0.5 * architecture.choice(1);
  }
}
