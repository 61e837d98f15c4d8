package dev.lathe.evolution.front;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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

/** Sort, filter, hypervolume and archive, by number of points and of objectives. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FrontBenchmark {
  /**
   * Where points lie: anywhere in the unit cube, or on the sphere, where none dominates another.
   */
  public enum Shape {
    CUBE,
    SPHERE
  }

  @Param({"1000", "100000"})
  int points;

  @Param({"2", "3"})
  int objectives;

  @Param Shape shape;

  private double[][] costs;
  private double[] reference;

  @Setup
  public void draw() {
    SplittableRandom random = new SplittableRandom(1);
    costs = new double[points][objectives];
    for (double[] point : costs) {
      double square = 0;
      for (int m = 0; m < objectives; m++) {
        point[m] = shape == Shape.SPHERE ? Math.abs(random.nextGaussian()) : random.nextDouble();
        square += point[m] * point[m];
      }
      for (int m = 0; shape == Shape.SPHERE && m < objectives; m++) {
        point[m] /= Math.sqrt(square);
      }
    }
    reference = new double[objectives];
    Arrays.fill(reference, 1.1);
  }

  @Benchmark
  public int[] sort() {
    return NonDominatedSort.ranks(costs);
  }

  @Benchmark
  public int[] filter() {
    return NonDominatedSort.nonDominated(costs);
  }

  @Benchmark
  public double hypervolume() {
    return Hypervolume.of(costs, reference);
  }

  /** All points, one by one. */
  @Benchmark
  public ParetoArchive<double[]> archive() {
    ParetoArchive<double[]> archive = new ParetoArchive<>(objectives);
    for (double[] point : costs) {
      archive.add(point, point);
    }
    return archive;
  }
}
