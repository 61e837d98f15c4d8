package dev.lathe.latency.table;

import dev.lathe.latency.regression.RidgeSystem;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
  private final List<Architecture> pool;
  private final double[] structureScales;
  private final Map<String, RidgeSystem.Fit> latencies = new LinkedHashMap<>();
  private final Map<String, double[]> costs = new LinkedHashMap<>();

  SourceModels(GeneEncoding encoding, SourceDevices sources) {
    this.encoding = encoding;
    this.pool = sources.architectures();
    this.structureScales = scales(pool.stream().map(encoding::structure).toList());
    RidgeSystem full = new RidgeSystem(pool.stream().map(this::row).toArray(double[][]::new));
    RidgeSystem choices =
        new RidgeSystem(pool.stream().map(encoding::oneHot).toArray(double[][]::new));
    Architecture first = pool.getFirst();
    int counts = encoding.counts(first).length;
    int oneHot = encoding.oneHot(first).length;
    for (var device : sources.millis().entrySet()) {
      double[] shares = cut(device.getValue());
      RidgeSystem.Fit best = null;
      for (double structure : STRUCTURE_PENALTIES) {
        for (double choice : CHOICE_PENALTIES) {
          double[] penalties = new double[counts + structureScales.length + oneHot];
          Arrays.fill(penalties, COUNT_PENALTY);
          Arrays.fill(penalties, counts, counts + structureScales.length, structure);
          Arrays.fill(penalties, counts + structureScales.length, penalties.length, choice);
          RidgeSystem.Fit fit = full.fit(shares, penalties);
          if (best == null || fit.logEvidence() > best.logEvidence()) {
            best = fit;
          }
        }
      }
      latencies.put(device.getKey(), best);
      double[] penalties = new double[oneHot];
      Arrays.fill(penalties, 1);
      costs.put(device.getKey(), overCheapest(choices.fit(shares, penalties).coefficients()));
    }
  }

  GeneEncoding encoding() {
    return encoding;
  }

  List<Architecture> pool() {
    return pool;
  }

  List<String> devices() {
    return List.copyOf(latencies.keySet());
  }

  /** Latency of an architecture on a source device, in units of the device's mean. */
  double latency(String device, Architecture architecture) {
    return latencies.get(device).predict(row(architecture));
  }

  /** What each single choice costs over the cheapest of its gene, in units of the mean latency. */
  double[] costs(String device) {
    return costs.get(device);
  }

  /** Structure at unit deviation over the pool. */
  double[] structure(Architecture architecture) {
    double[] structure = encoding.structure(architecture);
    for (int f = 0; f < structure.length; f++) {
      structure[f] *= structureScales[f];
    }
    return structure;
  }

  private double[] row(Architecture architecture) {
    double[] counts = encoding.counts(architecture);
    double[] structure = structure(architecture);
    double[] oneHot = encoding.oneHot(architecture);
    double[] row = Arrays.copyOf(counts, counts.length + structure.length + oneHot.length);
    System.arraycopy(structure, 0, row, counts.length, structure.length);
    System.arraycopy(oneHot, 0, row, counts.length + structure.length, oneHot.length);
    return row;
  }

  private double[] overCheapest(double[] coefficients) {
    double[] over = coefficients.clone();
    int offset = 0;
    for (var gene : encoding.genes()) {
      int end = offset + gene.choices().size();
      double least = Arrays.stream(coefficients, offset, end).min().orElse(0);
      for (int i = offset; i < end; i++) {
        over[i] -= least;
      }
      offset = end;
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
      List<Double> column = new ArrayList<>();
      for (double[] row : rows) {
        column.add(row[f]);
      }
      double mean = column.stream().mapToDouble(Double::doubleValue).average().orElse(0);
      double variance =
          column.stream().mapToDouble(v -> (v - mean) * (v - mean)).average().orElse(0);
      scales[f] = variance > 0 ? 1 / Math.sqrt(variance) : 0;
    }
    return scales;
  }
}
