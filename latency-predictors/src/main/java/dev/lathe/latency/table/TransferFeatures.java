package dev.lathe.latency.table;

import dev.lathe.latency.table.SourceModels.Known;
import dev.lathe.space.Architecture;
import java.util.Arrays;
import java.util.List;

/**
 * What the latency of a new device is a weighted sum of, in groups: a constant; the sources' mean;
 * how each source differs from it; counts of choices; structure; costs by choice, by kind of gene
 * and by both, in the sources' mean. All but the first are centred over the pool, and all but the
 * first three are of unit mean square.
 */
final class TransferFeatures {
  /** Least and largest prior variance of each group, in units of the mean latency squared. */
  static final double[] LEAST = {0.01, 0.003, 0.05, 1e-4, 1e-6, 1e-6, 1e-6, 1e-7, 1e-6};

  static final double[] LARGEST = {0.011, 0.03, 3, 0.3, 0.03, 0.01, 0.01, 0.01, 0.03};

  private final SourceModels models;
  private final int[] devices;
  private final double[] costs;
  private final double[][] means;
  private final double[] scales;

  TransferFeatures(SourceModels models, int... devices) {
    this.models = models;
    this.devices = devices;
    this.costs = new double[models.costs(devices[0]).length];
    for (int device : devices) {
      double[] ofDevice = models.costs(device);
      for (int i = 0; i < costs.length; i++) {
        costs[i] += ofDevice[i] / devices.length;
      }
    }
    List<Known> pool = models.pool();
    double[][] sums = raw(pool.getFirst());
    for (double[] group : sums) {
      Arrays.fill(group, 0);
    }
    double[] squares = new double[sums.length];
    for (Known known : pool) {
      double[][] row = raw(known);
      for (int g = 0; g < row.length; g++) {
        for (int f = 0; f < row[g].length; f++) {
          sums[g][f] += row[g][f] / pool.size();
          squares[g] += row[g][f] * row[g][f] / pool.size();
        }
      }
    }
    means = sums;
    scales = new double[sums.length];
    for (int g = 0; g < scales.length; g++) {
      double variance = squares[g] - Arrays.stream(sums[g]).map(m -> m * m).sum();
      boolean latency = g < 2;
      scales[g] = latency ? 1 : variance > 1e-12 ? 1 / Math.sqrt(variance) : 0;
    }
  }

  /** The features of an architecture. */
  Row of(Architecture architecture) {
    Known known = models.known(architecture);
    double[][] raw = raw(known);
    double mean = raw[0][0];
    double[][] groups = new double[raw.length + 1][];
    groups[0] = new double[] {1};
    for (int g = 0; g < raw.length; g++) {
      for (int f = 0; f < raw[g].length; f++) {
        raw[g][f] = (raw[g][f] - means[g][f]) * scales[g];
      }
      groups[g + 1] = raw[g];
    }
    return new Row(mean, groups);
  }

  /**
   * Features of an architecture.
   *
   * @param mean of the sources' latencies, each in units of its device's mean
   * @param groups [group][feature]
   */
  record Row(double mean, double[][] groups) {}

  private double[][] raw(Known known) {
    double mean = 0;
    for (int device : devices) {
      mean += known.latencies()[device] / devices.length;
    }
    double[] differences = new double[devices.length];
    for (int s = 0; s < devices.length; s++) {
      differences[s] = (known.latencies()[devices[s]] - mean) / Math.sqrt(devices.length);
    }
    int[] offsets = models.encoding().kindOffsets();
    double[] byChoice = new double[known.counts().length];
    double[] byKind = new double[offsets.length - 1];
    double[] single = new double[costs.length];
    for (int kind = 0; kind < byKind.length; kind++) {
      for (int i = offsets[kind]; i < offsets[kind + 1]; i++) {
        single[i] = costs[i] * known.choices()[i];
        byKind[kind] += single[i];
        if (byChoice.length > 0) {
          byChoice[i - offsets[kind]] += single[i];
        }
      }
    }
    return new double[][] {
      {mean},
      differences,
      known.counts().clone(),
      known.structure().clone(),
      byChoice,
      byKind,
      single
    };
  }
}
