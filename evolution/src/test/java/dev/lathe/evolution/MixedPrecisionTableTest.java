package dev.lathe.evolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.evolution.front.Hypervolume;
import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.policy.JointSpace;
import dev.lathe.space.policy.Policy;
import dev.lathe.space.table.CellWeights;
import dev.lathe.space.table.MeasurementTable;
import dev.lathe.space.table.RecordedSpace;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Operators and bits of NAS-Bench-201 cells searched together, on recorded accuracies. */
class MixedPrecisionTableTest {
  private static final String ACCURACY = "cifar10_test50_accuracy_percent";

  private static MeasurementTable table() {
    return CellWeights.addedTo(RecordedTables.read("nasbench201_mixed_precision.csv.gz"));
  }

  /** The cells alone. */
  private record Cells(List<Gene> genes) implements SearchSpace {
    @Override
    public String name() {
      return "cells";
    }
  }

  private static JointSpace joint(MeasurementTable table) {
    Cells cells =
        new Cells(table.genes().stream().filter(g -> g.name().startsWith("edge_")).toList());
    List<Gene> bits =
        cells.genes().stream()
            .map(edge -> new Gene(edge.name().replace("edge_", "bits_"), List.of("2", "4", "8")))
            .toList();
    return new JointSpace(
        "cells with bits",
        cells,
        new Policy(
            bits,
            architecture ->
                cells.describe(architecture).entrySet().stream()
                    .filter(edge -> edge.getValue().startsWith("nor_conv"))
                    .map(edge -> edge.getKey().replace("edge_", "bits_"))
                    .collect(Collectors.toSet())));
  }

  /** The table writes 0 bits where an edge has no weights. */
  private static Architecture row(MeasurementTable table, JointSpace space, Architecture joint) {
    Map<String, String> labels = new LinkedHashMap<>(space.describe(joint));
    table.genes().forEach(gene -> labels.putIfAbsent(gene.name(), "0"));
    return new Cells(table.genes()).parse(labels);
  }

  @Test
  void everyRow_isOneArchitectureWithOnePolicy() {
    MeasurementTable table = table();
    JointSpace space = joint(table);
    // three operators without weights, two with any of three bits
    assertThat(space.size()).isEqualTo(BigInteger.valueOf(9).pow(6));
    Cells rows = new Cells(table.genes());
    Set<Architecture> seen = new HashSet<>();
    for (int row = 0; row < table.rows(); row++) {
      Map<String, String> labels = new LinkedHashMap<>(rows.describe(table.architecture(row)));
      labels.values().removeIf("0"::equals);
      Architecture joint = space.parse(labels);
      assertThat(space.describe(joint)).isEqualTo(labels);
      assertThat(row(table, space, joint)).isEqualTo(table.architecture(row));
      assertThat(seen.add(joint)).isTrue();
    }
  }

  @Test
  void missingRow_isAFailedEvaluation_andTheSearchGoesOn() {
    MeasurementTable table = table();
    JointSpace space = joint(table);
    RecordedEvaluations recorded =
        new RecordedEvaluations(table, List.of(ACCURACY, CellWeights.METRIC));
    Search search =
        Search.start(
            Nsga2.standard(),
            SearchProblem.of(
                space, Objective.maximize(ACCURACY), Objective.minimize(CellWeights.METRIC)),
            5);
    int failed = 0;
    for (int round = 0; round < 30; round++) {
      for (Architecture asked : search.ask(20)) {
        Evaluation result =
            switch (recorded.evaluate(row(table, space, asked))) {
              case Evaluation.Measured found -> Evaluation.of(asked, found.metrics());
              case Evaluation.Failed missing -> Evaluation.failed(asked, missing.reason());
            };
        if (result instanceof Evaluation.Failed(_, String reason)) {
          assertThat(reason).contains("no such row").contains("mixed_precision");
          failed++;
        }
        search.tell(List.of(result));
      }
    }
    // one in 45 of the joint architectures has a row
    assertThat(failed).isBetween(300, 599);
    assertThat(search.front()).isNotEmpty();
  }

  private static double share(
      SearchMethod method, SearchProblem problem, RecordedEvaluations recorded, long seed) {
    double[][] all = costs(problem, recorded.all());
    double[] reference = {0, 0};
    for (double[] costs : all) {
      reference[1] = Math.max(reference[1], costs[1]);
    }
    Search search = Search.start(method, problem, seed);
    List<Evaluation> read = new ArrayList<>();
    while (read.size() < 200) {
      List<Evaluation> results =
          search.ask(search.batch()).stream().map(recorded::evaluate).toList();
      search.tell(results);
      read.addAll(results);
    }
    assertThat(read).noneMatch(Evaluation.Failed.class::isInstance);
    return Hypervolume.of(costs(problem, read), reference) / Hypervolume.of(all, reference);
  }

  private static double[][] costs(SearchProblem problem, List<Evaluation> results) {
    return results.stream()
        .flatMap(
            result ->
                result instanceof Evaluation.Measured measured
                    ? java.util.stream.Stream.of(problem.costs(measured.metrics()))
                    : java.util.stream.Stream.empty())
        .toArray(double[][]::new);
  }

  @Test
  void searchOfRecordedRows_neverMissesOne_andBeatsRandom() {
    MeasurementTable table = table();
    SearchProblem problem =
        SearchProblem.of(
            new RecordedSpace(table),
            Objective.maximize(ACCURACY),
            Objective.minimize(CellWeights.METRIC));
    RecordedEvaluations recorded =
        new RecordedEvaluations(table, List.of(ACCURACY, CellWeights.METRIC));
    double random = 0;
    double evolved = 0;
    for (int seed = 1; seed <= 5; seed++) {
      random += share(new RandomSearch(), problem, recorded, seed) / 5;
      evolved += share(Nsga2.standard(), problem, recorded, seed) / 5;
    }
    assertThat(evolved).isGreaterThan(random);
  }
}
