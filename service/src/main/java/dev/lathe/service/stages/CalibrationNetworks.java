package dev.lathe.service.stages;

import dev.lathe.graph.OnnxExporter;
import dev.lathe.onnx.CostReport;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Chooses the networks that are measured to calibrate a latency predictor. */
final class CalibrationNetworks {
  private CalibrationNetworks() {}

  /** The smallest, the largest, and others spread evenly over the range of MACs. */
  static List<Architecture> of(Run run) {
    int wanted = run.settings().calibrationNetworks();
    RandomGenerator random = run.streams().at("calibration", 1);
    Set<Architecture> drawn = new LinkedHashSet<>();
    for (int i = 0; i < 100 * wanted && drawn.size() < 6 * wanted; i++) {
      drawn.add(skewed(run, random));
    }
    record Cost(Architecture architecture, double logMacs) {}
    List<Cost> costs =
        new ArrayList<>(
            drawn.stream()
                .map(architecture -> new Cost(architecture, Math.log(macs(run, architecture))))
                .sorted(Comparator.comparingDouble(Cost::logMacs))
                .toList());
    Set<Architecture> chosen = new LinkedHashSet<>();
    chosen.add(run.space().smallest());
    chosen.add(run.space().largest());
    double least = costs.getFirst().logMacs();
    double most = costs.getLast().logMacs();
    for (int i = 0; chosen.size() < Math.min(wanted, drawn.size()) && !costs.isEmpty(); i++) {
      double target = least + (most - least) * ((i * 0.618034) % 1);
      Cost nearest =
          costs.stream()
              .min(Comparator.comparingDouble(cost -> Math.abs(cost.logMacs() - target)))
              .orElseThrow();
      costs.remove(nearest);
      chosen.add(nearest.architecture());
    }
    return List.copyOf(chosen);
  }

  /** A random architecture, often mixed with the smallest or largest, so that extremes occur. */
  private static Architecture skewed(Run run, RandomGenerator random) {
    Architecture sample = run.space().sample(random);
    Architecture extreme = random.nextBoolean() ? run.space().smallest() : run.space().largest();
    double share = random.nextDouble();
    int[] choices = sample.toArray();
    for (int g = 0; g < choices.length; g++) {
      if (random.nextDouble() < share * share) {
        choices[g] = extreme.choice(g);
      }
    }
    return run.space().canonical(Architecture.of(choices));
  }

  private static long macs(Run run, Architecture architecture) {
    return CostReport.of(OnnxExporter.outline(run.space().network(architecture), "outline"), 1)
        .macs();
  }
}
