package dev.lathe.space.family;

import dev.lathe.graph.Subnet;
import dev.lathe.onnx.CostReport;
import dev.lathe.space.Architecture;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a random architecture costs before anything is computed with it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SpaceBenchmark {
  @Param({"mobile-28", "mobile-224", "residual-32", "strided-32", "hybrid-32", "deit-224"})
  String name;

  private NetworkSpace space;
  private final List<Architecture> architectures = new ArrayList<>();
  private int next;

  /** Draws architectures. */
  @Setup
  public void draw() {
    space = SpaceFiles.builtin(name).space(10);
    RandomGenerator random = new RandomStreams(1).at("benchmark", 0);
    for (int i = 0; i < 256; i++) {
      architectures.add(space.sample(random));
    }
  }

  /** The network itself, shapes inferred on the way. */
  @Benchmark
  public Subnet network() {
    return space.subnet(architectures.get(next++ & 255));
  }

  /** The network, and the costs of the file that it becomes. */
  @Benchmark
  public CostReport networkAndCosts() {
    return CostReport.of(space.subnet(architectures.get(next++ & 255)).outline(), 1);
  }

  /** Tracing a whole space: done once. */
  @Benchmark
  public NetworkSpace tracing() {
    return SpaceFiles.builtin(name).space(10);
  }
}
