package dev.lathe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.evolution.front.Hypervolume;
import dev.lathe.evolution.front.NonDominatedSort;
import dev.lathe.evolution.front.ParetoArchive;
import dev.lathe.space.RandomStreams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench front}: how fast fronts are found, sorted, measured and kept up to date. */
@Command(
    name = "front",
    mixinStandardHelpOptions = true,
    description = {
      "Times Pareto filter, non-dominated sort, exact hypervolume and the incremental archive, on"
          + " uniform points of the unit cube and on mutually non-dominated points of the sphere.",
      "Example: ./lathe bench front --points 100000 --objectives 3 --json out.json"
    })
final class FrontBench implements Callable<Integer> {
  private static final int REPETITIONS = 3;

  @Spec private CommandSpec spec;

  @Option(names = "--points", defaultValue = "100000", description = "Points (${DEFAULT-VALUE}).")
  private int points;

  @Option(
      names = "--objectives",
      defaultValue = "3",
      description = "Objectives (${DEFAULT-VALUE}).")
  private int objectives;

  @Option(names = "--seed", defaultValue = "1", description = "Seed (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Where to write the figures.")
  private Path json;

  @Override
  public Integer call() throws IOException {
    if (points < 1 || objectives < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--points is %d and --objectives %d, both must be >= 1.".formatted(points, objectives));
    }
    double[][] cube = points(false, points);
    double[][] sphere = points(true, points);
    int few = Math.min(points, 5_000);
    measure(points(false, few));
    measure(points(true, few));
    Figures uniform = measure(cube);
    Figures octant = measure(sphere);
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode tree = mapper.createObjectNode();
    tree.put("points", points).put("objectives", objectives).put("seed", seed);
    uniform.into(tree);
    octant.into(tree.putObject("sphere"));
    if (json != null) {
      mapper.writerWithDefaultPrettyPrinter().writeValue(json.toFile(), tree);
    }
    spec.commandLine()
        .getOut()
        .printf(
            "%d points, %d objectives%n  uniform  %s%n  sphere   %s%n",
            points, objectives, uniform, octant);
    spec.commandLine().getOut().flush();
    return 0;
  }

  /** Best of a few repetitions, in milliseconds, and microseconds a point. */
  private record Figures(
      double paretoMillis, double sortMillis, double hypervolumeMillis, double incrementalMicros) {
    void into(ObjectNode node) {
      node.put("paretoMillis", paretoMillis)
          .put("sortMillis", sortMillis)
          .put("hypervolumeMillis", hypervolumeMillis)
          .put("incrementalMicrosPerPoint", incrementalMicros);
    }

    @Override
    public String toString() {
      return "filter %.1f ms, sort %.1f ms, hypervolume %.1f ms, archive %.2f us a point"
          .formatted(paretoMillis, sortMillis, hypervolumeMillis, incrementalMicros);
    }
  }

  private double[][] points(boolean onSphere, int count) {
    RandomGenerator random = new RandomStreams(seed).at(onSphere ? "sphere" : "cube", count);
    double[][] drawn = new double[count][objectives];
    for (double[] point : drawn) {
      double square = 0;
      for (int m = 0; m < objectives; m++) {
        point[m] = onSphere ? Math.abs(random.nextGaussian()) : random.nextDouble();
        square += point[m] * point[m];
      }
      if (onSphere) {
        for (int m = 0; m < objectives; m++) {
          point[m] /= Math.sqrt(square);
        }
      }
    }
    return drawn;
  }

  private Figures measure(double[][] costs) {
    double[] reference = new double[objectives];
    java.util.Arrays.fill(reference, 1.1);
    double filter = millis(() -> NonDominatedSort.nonDominated(costs).length);
    double sort = millis(() -> NonDominatedSort.ranks(costs).length);
    double volume = millis(() -> Hypervolume.of(costs, reference));
    double archive = millis(() -> incremental(costs));
    return new Figures(filter, sort, volume, 1000 * archive / costs.length);
  }

  private double incremental(double[][] costs) {
    ParetoArchive<Integer> archive = new ParetoArchive<>(objectives);
    int added = 0;
    for (int i = 0; i < costs.length; i++) {
      added += archive.add(costs[i], i) ? 1 : 0;
    }
    return added;
  }

  private interface Work {
    double run();
  }

  private static double millis(Work work) {
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < REPETITIONS; i++) {
      long start = System.nanoTime();
      double result = work.run();
      best = Math.min(best, (System.nanoTime() - start) / 1e6);
      if (!(result >= 0)) {
        throw new IllegalStateException("the measured work returned %s.".formatted(result));
      }
    }
    return best;
  }
}
