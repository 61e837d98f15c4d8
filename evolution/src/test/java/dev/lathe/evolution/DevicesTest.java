package dev.lathe.evolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.evolution.front.Hypervolume;
import dev.lathe.space.table.MeasurementTable;
import dev.lathe.space.table.TabularSpace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One search for several devices, as objectives and as constraints, on NAS-Bench-201. */
class DevicesTest {
  private static final String ACCURACY = "cifar10_test_accuracy_percent";
  private static final String PHONE = "essential_ph_1_latency_ms";
  private static final String SERVER = "titanx_1_latency_ms";
  private static final List<String> METRICS = List.of(ACCURACY, PHONE, SERVER);

  private MeasurementTable table;
  private RecordedEvaluations recorded;

  @BeforeEach
  void read() {
    table = RecordedTables.read("nasbench201.csv.gz");
    recorded = new RecordedEvaluations(table, METRICS);
  }

  private Search run(SearchMethod method, SearchProblem problem, int evaluations) {
    return run(method, problem, evaluations, 31);
  }

  private Search run(SearchMethod method, SearchProblem problem, int evaluations, long seed) {
    Search search = Search.start(method, problem, seed);
    for (int count = 0; count < evaluations; ) {
      List<Evaluation> results =
          search.ask(Math.min(search.batch(), evaluations - count)).stream()
              .map(recorded::evaluate)
              .toList();
      search.tell(results);
      count += results.size();
    }
    return search;
  }

  private static double[][] costs(SearchProblem problem, List<Evaluation.Measured> front) {
    return front.stream().map(m -> problem.costs(m.metrics())).toArray(double[][]::new);
  }

  @Test
  void twoDevicesAsObjectives_theFrontHoldsWhatIsGoodForEach() {
    SearchProblem problem =
        SearchProblem.of(
            new TabularSpace(table),
            Objective.maximize(ACCURACY),
            Objective.minimize(PHONE),
            Objective.minimize(SERVER));
    List<Evaluation.Measured> all =
        recorded.all().stream().map(Evaluation.Measured.class::cast).toList();
    double[] reference = {0, 0, 0};
    for (double[] costs : costs(problem, all)) {
      for (int m = 1; m < 3; m++) {
        reference[m] = Math.max(reference[m], costs[m]);
      }
    }
    double exact = Hypervolume.of(costs(problem, all), reference);
    for (SearchMethod method : List.of(UNsga3.standard(), Nsga2.standard())) {
      Search search = run(method, problem, 500);
      assertThat(Hypervolume.of(costs(problem, search.front()), reference) / exact)
          .as(method.name())
          .isGreaterThan(0.97);
    }
  }

  @Test
  void twoDevicesAsConstraints_theBestThatMeetsBothIsNearlyFound() {
    Constraint phone = Constraint.atMost(PHONE, 8);
    Constraint server = Constraint.atMost(SERVER, 9);
    SearchProblem problem =
        SearchProblem.of(new TabularSpace(table), Objective.maximize(ACCURACY))
            .constrained(phone, server);
    double best =
        recorded.all().stream()
            .map(result -> ((Evaluation.Measured) result).metrics())
            .filter(metrics -> problem.violation(metrics) == 0)
            .mapToDouble(metrics -> metrics.get(ACCURACY))
            .max()
            .orElseThrow();
    double unconstrained =
        recorded.all().stream()
            .mapToDouble(result -> ((Evaluation.Measured) result).metrics().get(ACCURACY))
            .max()
            .orElseThrow();
    assertThat(best).as("the constraints bind").isLessThan(unconstrained - 0.1);
    for (SearchMethod method :
        List.of(AgingEvolution.standard(), Nsga2.standard(), PredictorSearch.standard())) {
      double sum = 0;
      for (long seed = 31; seed < 34; seed++) {
        Search search = run(method, problem, 200, seed);
        assertThat(search.front()).allMatch(m -> problem.violation(m.metrics()) == 0);
        sum += search.front().getFirst().metrics().get(ACCURACY);
      }
      assertThat(sum / 3).as("%s, mean of three seeds", method.name()).isGreaterThan(best - 2);
    }
  }

  /** What was measured for one device is worth something on the next. */
  @Test
  void warmStart_fromAnotherDevicesFront_isAheadOfAColdStart() {
    SearchProblem phone =
        SearchProblem.of(
            new TabularSpace(table), Objective.maximize(ACCURACY), Objective.minimize(PHONE));
    SearchProblem server =
        SearchProblem.of(
            new TabularSpace(table), Objective.maximize(ACCURACY), Objective.minimize(SERVER));
    List<Evaluation> known = new ArrayList<>();
    run(Nsga2.standard(), phone, 400).front().stream()
        .sorted(Comparator.comparing(m -> m.architecture().toString()))
        .forEach(m -> known.add(recorded.evaluate(m.architecture())));
    double[] reference = {0, 0};
    for (Evaluation result : recorded.all()) {
      Map<String, Double> metrics = ((Evaluation.Measured) result).metrics();
      reference[1] = Math.max(reference[1], server.costs(metrics)[1]);
    }
    Search cold = run(Nsga2.standard(), server, 80);
    Search warm = Search.start(Nsga2.standard(), server, 31);
    warm.tell(known);
    while (warm.state().trials().size() < 80) {
      warm.tell(
          warm.ask(Math.min(20, 80 - warm.state().trials().size())).stream()
              .map(recorded::evaluate)
              .toList());
    }
    assertThat(Hypervolume.of(costs(server, warm.front()), reference))
        .isGreaterThan(Hypervolume.of(costs(server, cold.front()), reference));
  }
}
