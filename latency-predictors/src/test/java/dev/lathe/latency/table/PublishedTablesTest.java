package dev.lathe.latency.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.latency.regression.Agreement;
import dev.lathe.space.table.MeasurementTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Predictors on published measurements, where these are at hand. */
class PublishedTablesTest {
  private static final List<String> SOURCES =
      List.of(
          "1080ti_1",
          "1080ti_32",
          "1080ti_256",
          "silver_4114",
          "silver_4210r",
          "samsung_a50",
          "pixel3",
          "essential_ph_1",
          "samsung_s7");

  private static MeasurementTable table(String name) throws IOException {
    String override = System.getenv("LATHE_TEST_DATA");
    Path folder = override != null ? Path.of(override) : Path.of("../../shared/data");
    Path file = folder.resolve(name);
    assumeThat(Files.exists(file)).as("published table %s is not there", file).isTrue();
    return MeasurementTable.read(file);
  }

  private static List<MeasuredArchitecture> rows(
      MeasurementTable table, double[] millis, int[] rows) {
    return Arrays.stream(rows)
        .mapToObj(row -> new MeasuredArchitecture(table.architecture(row), millis[row]))
        .toList();
  }

  private static Agreement agreement(
      ArchitectureLatency predictor, List<MeasuredArchitecture> test) {
    return Agreement.of(
        test.stream().mapToDouble(t -> predictor.predict(t.architecture()).millis()).toArray(),
        test.stream().mapToDouble(MeasuredArchitecture::millis).toArray());
  }

  @Test
  void lookUpTable_recoversFbnetOnAnFpga() throws IOException {
    MeasurementTable table = table("fbnet.csv.gz");
    double[] millis = table.metric("fpga_latency_ms");
    AdditiveTable predictor =
        AdditiveTable.fit(
            GeneEncoding.of(table.genes()), rows(table, millis, IntStream.range(0, 250).toArray()));
    List<MeasuredArchitecture> rest =
        rows(table, millis, IntStream.range(250, table.rows()).toArray());
    assertThat(agreement(predictor, rest).maxError()).isLessThan(1e-4);
  }

  /** Knowledge from columns of the first rows. */
  private static TransferKnowledge knowledge(
      MeasurementTable table, int pool, Stream<String> devices) {
    Map<String, double[]> sources = new LinkedHashMap<>();
    devices.forEach(
        source -> sources.put(source, Arrays.copyOf(table.metric(source + "_latency_ms"), pool)));
    return TransferKnowledge.learn(
        GeneEncoding.of(table.genes()),
        new SourceDevices(IntStream.range(0, pool).mapToObj(table::architecture).toList(), sources),
        10,
        1);
  }

  /** Mean over five draws of ten rows of the pool, on the thousand rows after it. */
  private static double spearman(
      TransferKnowledge knowledge, MeasurementTable table, int pool, String device) {
    double[] millis = table.metric(device + "_latency_ms");
    List<MeasuredArchitecture> test =
        rows(table, millis, IntStream.range(pool, pool + 1000).toArray());
    var random = new SplittableRandom(1);
    double spearman = 0;
    for (int round = 0; round < 5; round++) {
      int[] drawn = random.ints(0, pool).distinct().limit(10).toArray();
      spearman += agreement(knowledge.fit(rows(table, millis, drawn)), test).spearman() / 5;
    }
    return spearman;
  }

  @Test
  void transfer_ranksNasBench201OnNewDevices() throws IOException {
    MeasurementTable table = table("nasbench201.csv.gz");
    TransferKnowledge knowledge = knowledge(table, 900, SOURCES.stream());
    for (String device : List.of("fpga", "titan_rtx_256", "gold_6226")) {
      assertThat(spearman(knowledge, table, 900, device)).as(device).isGreaterThan(0.97);
    }
  }

  @Test
  void transfer_ranksFbnetOnADeviceThatDoesAsTheNetworksWorkTells() throws IOException {
    MeasurementTable table = table("fbnet.csv.gz");
    Stream<String> others =
        SOURCES.stream()
            .map(name -> name.replace("1080ti_256", "1080ti_64"))
            .filter(name -> !name.equals("pixel3"));
    TransferKnowledge knowledge = knowledge(table, 4000, others);
    assertThat(spearman(knowledge, table, 4000, "pixel3")).isGreaterThan(0.985);
  }
}
