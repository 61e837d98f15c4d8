package dev.lathe.latency.table;

import dev.lathe.latency.regression.RidgeSystem;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A regression for each source device, so that its latency is known for every architecture of the
 * space, with outliers cut off and latencies in units of the device's mean.
 */
final class SourceModels {
  private static final double LOW_CUT = 0.005;
  private static final double HIGH_CUT = 0.97;
  private static final double COUNT_PENALTY = 5;
  private static final double[] STRUCTURE_PENALTIES = {5, 100};
  private static final double[] CHOICE_PENALTIES = {1, 10, 100, 1000};

  private final GeneEncoding encoding;
  private final double[] structureScales;
  private final List<RidgeSystem.Fit> latencies = new ArrayList<>();
  private final List<double[]> costs = new ArrayList<>();
  private final List<Known> pool;

  /**
   * What is known of an architecture before the new device is.
   *
   * @param latencies on each source, in units of its mean
   * @param counts of choices
   * @param structure at unit deviation over the pool
   * @param choices how often each choice is taken by genes of each kind
   */
  record Known(double[] latencies, double[] counts, double[] structure, double[] choices) {}

  SourceModels(GeneEncoding encoding, SourceDevices sources) {
    this.encoding = encoding;
    List<Architecture> architectures = sources.architectures();
    this.structureScales = scales(architectures.stream().map(encoding::structure).toList());
    RidgeSystem full =
        new RidgeSystem(architectures.stream().map(this::row).toArray(double[][]::new));
    double[][] choiceRows = architectures.stream().map(encoding::ofKinds).toArray(double[][]::new);
    RidgeSystem choices = new RidgeSystem(choiceRows);
    Architecture first = architectures.getFirst();
    int counts = encoding.counts(first).length;
    int columns = row(first).length;
    for (double[] millis : sources.millis().values()) {
      double[] shares = cut(millis);
      RidgeSystem.Fit best = null;
      for (double structure : STRUCTURE_PENALTIES) {
        for (double choice : CHOICE_PENALTIES) {
          double[] penalties = new double[columns];
          Arrays.fill(penalties, choice);
          Arrays.fill(penalties, 0, counts, COUNT_PENALTY);
          Arrays.fill(penalties, counts, counts + structureScales.length, structure);
          RidgeSystem.Fit fit = full.fit(shares, penalties);
          if (best == null || fit.logEvidence() > best.logEvidence()) {
            best = fit;
          }
        }
      }
      latencies.add(best);
      double[] penalties = new double[encoding.ofKinds(first).length];
      Arrays.fill(penalties, 1);
      RidgeSystem.Fit additive = choices.fit(shares, penalties);
      costs.add(overCheapest(additive.coefficients()));
    }
    pool = architectures.stream().map(this::known).toList();
  }

  GeneEncoding encoding() {
    return encoding;
  }

  List<Known> pool() {
    return pool;
  }

  int devices() {
    return latencies.size();
  }

  /**
   * What each choice of each kind of gene costs over the cheapest, in units of the mean latency.
   */
  double[] costs(int device) {
    return costs.get(device);
  }

  Known known(Architecture architecture) {
    double[] row = row(architecture);
    return new Known(
        latencies.stream().mapToDouble(fit -> fit.predict(row)).toArray(),
        encoding.counts(architecture),
        structure(architecture),
        encoding.ofKinds(architecture));
  }

  private double[] structure(Architecture architecture) {
    double[] structure = encoding.structure(architecture);
    for (int f = 0; f < structure.length; f++) {
      structure[f] *= structureScales[f];
    }
    return structure;
  }

  private double[] row(Architecture architecture) {
    double[] counts = encoding.counts(architecture);
    double[] structure = structure(architecture);
    double[] choices = encoding.ofKinds(architecture);
    double[] row = Arrays.copyOf(counts, counts.length + structure.length + choices.length);
    System.arraycopy(structure, 0, row, counts.length, structure.length);
    System.arraycopy(choices, 0, row, counts.length + structure.length, choices.length);
    return row;
  }

  private double[] overCheapest(double[] coefficients) {
    double[] over = coefficients.clone();
    int[] offsets = encoding.kindOffsets();
    for (int kind = 0; kind < offsets.length - 1; kind++) {
      double least = Arrays.stream(coefficients, offsets[kind], offsets[kind + 1]).min().orElse(0);
      for (int i = offsets[kind]; i < offsets[kind + 1]; i++) {
        over[i] -= least;
      }
    }
    return over;
  }

  private static double[] cut(double[] millis) {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    double low = sorted[(int) (LOW_CUT * (sorted.length - 1))];
    double high = sorted[(int) (HIGH_CUT * (sorted.length - 1))];
    double[] cut = Arrays.stream(millis).map(v -> Math.clamp(v, low, high)).toArray();
    double mean = Arrays.stream(cut).average().orElse(1);
    return Arrays.stream(cut).map(v -> v / mean).toArray();
  }

  private static double[] scales(List<double[]> rows) {
    double[] scales = new double[rows.getFirst().length];
    for (int f = 0; f < scales.length; f++) {
      double sum = 0;
      double squares = 0;
      for (double[] row : rows) {
        sum += row[f] / rows.size();
        squares += row[f] * row[f] / rows.size();
      }
      double variance = squares - sum * sum;
      scales[f] = variance > 1e-12 * squares ? 1 / Math.sqrt(variance) : 0;
    }
    return scales;
  }
}
