package dev.lathe.evolution;

import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Asking and telling alone, per evaluation; results are looked up. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class SearchBenchmark {
  private static final int EVALUATIONS = 5000;

  @Param({"20", "100"})
  int population;

  private final LayeredSpace space = new LayeredSpace(6, 5);
  private final Map<Architecture, Evaluation> known = new HashMap<>();

  @Setup
  public void evaluate() {
    space.all().orElseThrow().forEach(a -> known.put(a, LayeredSpace.evaluate(a)));
  }

  @Benchmark
  @OperationsPerInvocation(EVALUATIONS)
  public Search nsga2() {
    SearchProblem problem =
        SearchProblem.of(space, Objective.minimize("error"), Objective.minimize("cost"));
    Search search = Search.startWithRepeats(new Nsga2(population, 0.9, 0.5), problem, 1);
    for (int count = 0; count < EVALUATIONS; count += population) {
      List<Evaluation> results = new ArrayList<>(population);
      for (Architecture asked : search.ask(population)) {
        results.add(known.get(asked));
      }
      search.tell(results);
    }
    return search;
  }
}
