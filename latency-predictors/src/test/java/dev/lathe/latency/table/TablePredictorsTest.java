package dev.lathe.latency.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.regression.Agreement;
import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TablePredictorsTest {
  private static final List<Gene> GENES =
      IntStream.range(0, 8).mapToObj(i -> new Gene("layer " + i, List.of("a", "b", "c"))).toList();
  private final GeneEncoding encoding = GeneEncoding.of(GENES);

  private static List<Architecture> architectures(int count, RandomGenerator random) {
    return IntStream.range(0, count)
        .mapToObj(i -> Architecture.of(random.ints(8, 0, 3).toArray()))
        .toList();
  }

  /** A device whose layers cost by choice, later layers more. */
  private static ToDoubleFunction<Architecture> device(double b, double c, double slope) {
    return architecture -> {
      double millis = 3;
      for (int gene = 0; gene < 8; gene++) {
        double[] costs = {0.2, b, c};
        millis += costs[architecture.choice(gene)] * (1 + slope * gene);
      }
      return millis;
    };
  }

  private static List<MeasuredArchitecture> measured(
      List<Architecture> architectures, ToDoubleFunction<Architecture> millis) {
    return architectures.stream()
        .map(a -> new MeasuredArchitecture(a, millis.applyAsDouble(a)))
        .toList();
  }

  private static Agreement agreement(
      ArchitectureLatency predictor, List<MeasuredArchitecture> test) {
    return Agreement.of(
        test.stream().mapToDouble(t -> predictor.predict(t.architecture()).millis()).toArray(),
        test.stream().mapToDouble(MeasuredArchitecture::millis).toArray());
  }

  @Test
  void lookUpTable_recoversAnAdditiveDevice() {
    var random = new SplittableRandom(1);
    ToDoubleFunction<Architecture> device = device(0.7, 1.9, 0.3);
    AdditiveTable table = AdditiveTable.fit(encoding, measured(architectures(60, random), device));
    Agreement agreement = agreement(table, measured(architectures(500, random), device));
    assertThat(agreement.maxError()).isLessThan(1e-5);
    assertThat(table.cost(0, 0)).isZero();
    assertThat(table.cost(2, 2)).isCloseTo((1.9 - 0.2) * 1.6, within(1e-5));
  }

  @Test
  void lookUpTable_withTooFewSamples_isRefused() {
    List<MeasuredArchitecture> few =
        measured(architectures(16, new SplittableRandom(1)), device(1, 2, 0));
    assertThatThrownBy(() -> AdditiveTable.fit(encoding, few))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16")
        .hasMessageContaining("17");
  }

  @Test
  void regression_coversAsOftenAsItSays() {
    var random = new SplittableRandom(2);
    ToDoubleFunction<Architecture> device = device(0.7, 1.9, 0.3);
    ToDoubleFunction<Architecture> interacting =
        a ->
            device.applyAsDouble(a)
                + (a.choice(0) == a.choice(1) ? 1.5 : 0)
                + 0.3 * random.nextGaussian();
    List<MeasuredArchitecture> samples = measured(architectures(400, random), interacting);
    List<MeasuredArchitecture> test = measured(architectures(2000, random), interacting);
    GeneRegression regression = GeneRegression.fit(encoding, samples);
    double covered =
        test.stream()
            .filter(t -> regression.predict(t.architecture()).contains(t.millis()))
            .count();
    assertThat(covered / test.size()).isBetween(0.86, 0.94);
    assertThat(agreement(regression, test).spearman()).isGreaterThan(0.97);
  }

  @Test
  void regression_onADeviceOfFewValues_snapsToThem() {
    var random = new SplittableRandom(3);
    ToDoubleFunction<Architecture> rounded =
        a -> Math.round(device(0.7, 1.9, 0).applyAsDouble(a) * 2) / 2.0;
    List<MeasuredArchitecture> samples = measured(architectures(400, random), rounded);
    GeneRegression regression = GeneRegression.fit(encoding, samples);
    Agreement agreement = agreement(regression, measured(architectures(1000, random), rounded));
    assertThat(agreement.spearman()).isGreaterThan(0.99);
    assertThat(regression.predict(samples.getFirst().architecture()).millis() * 2 % 1).isZero();
  }

  @Test
  void transfer_fromTenSamples_beatsTheSourcesAlone() {
    var random = new SplittableRandom(4);
    List<Architecture> pool = architectures(300, random);
    Map<String, double[]> sources = new LinkedHashMap<>();
    for (int s = 0; s < 6; s++) {
      ToDoubleFunction<Architecture> source =
          device(
              0.3 + random.nextDouble(), 0.5 + 3 * random.nextDouble(), 0.4 * random.nextDouble());
      sources.put("source " + s, pool.stream().mapToDouble(source).toArray());
    }
    TransferKnowledge knowledge =
        TransferKnowledge.learn(encoding, new SourceDevices(pool, sources), 10, 1);
    ToDoubleFunction<Architecture> target = device(1.4, 0.6, 0.2);
    List<MeasuredArchitecture> test = measured(architectures(500, random), target);
    double spearman = 0;
    int covered = 0;
    for (int round = 0; round < 20; round++) {
      TransferPredictor predictor = knowledge.fit(measured(architectures(10, random), target));
      spearman += agreement(predictor, test).spearman() / 20;
      for (MeasuredArchitecture measured : test) {
        Estimate estimate = predictor.predict(measured.architecture());
        covered += estimate.contains(measured.millis()) ? 1 : 0;
      }
    }
    double[] measured = test.stream().mapToDouble(MeasuredArchitecture::millis).toArray();
    double bestSource = -1;
    for (double b : new double[] {0.5, 1, 1.5}) {
      double[] other =
          test.stream()
              .mapToDouble(t -> device(b, 2, 0.2).applyAsDouble(t.architecture()))
              .toArray();
      bestSource = Math.max(bestSource, Agreement.of(other, measured).spearman());
    }
    assertThat(spearman).isGreaterThan(0.97).isGreaterThan(bestSource);
    assertThat(covered / (20.0 * test.size())).isGreaterThan(0.85);
  }

  @Test
  void transfer_fromTwoSamples_isRefused() {
    var random = new SplittableRandom(5);
    List<Architecture> pool = architectures(30, random);
    double[] values = pool.stream().mapToDouble(device(1, 2, 0)).toArray();
    var sources = new SourceDevices(pool, Map.of("one", values, "two", values));
    assertThatThrownBy(() -> TransferKnowledge.learn(encoding, sources, 2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 samples");
  }

  @Test
  void cell_countsOperatorsThatTheOutputNeeds() {
    List<String> operators = List.of("avg_pool_3x3", "none", "nor_conv_3x3");
    List<Gene> genes = new ArrayList<>();
    for (String edge : List.of("0-1", "0-2", "1-2", "0-3", "1-3", "2-3")) {
      genes.add(new Gene("edge_" + edge, operators));
    }
    // edges 0-2 and 1-2 lead to node 2, which 2-3 = none cuts off
    Architecture architecture = Architecture.of(2, 2, 0, 0, 2, 1);
    assertThat(GeneEncoding.of(genes).structure(architecture)).containsExactly(1, 0, 2);
    assertThat(GeneEncoding.of(genes).counts(architecture)).containsExactly(2, 1, 3);
  }

  @Test
  void fbnet_ofSkips_hasAPointwiseConvolutionWhereTheShapeChanges() {
    List<String> labels = IntStream.range(0, 9).mapToObj(Integer::toString).toList();
    List<Gene> genes =
        IntStream.range(0, 22).mapToObj(i -> new Gene("layer_" + i, labels)).toList();
    int[] skips = IntStream.generate(() -> 8).limit(22).toArray();
    double[] work = GeneEncoding.of(genes).structure(Architecture.of(skips));
    double macs =
        16 * 24 * 32 * 32
            + 24 * 32 * 16 * 16
            + 32 * 64 * 8 * 8
            + 64 * 112 * 8 * 8
            + 112 * 184 * 4 * 4
            + 184 * 352 * 4 * 4;
    assertThat(work[0]).isEqualTo(6);
    assertThat(work[2]).isEqualTo(macs);
  }
}
