package dev.lathe.latency.table;

import dev.lathe.space.Architecture;
import java.util.Arrays;
import java.util.List;

/**
 * What the latency of a new device is a weighted sum of, in groups: a constant; the sources' mean;
 * how each source differs from it; counts of choices; structure; costs by choice, by gene and by
 * both, in the sources' mean. Each group is centred over the pool and of unit mean square.
 */
final class TransferFeatures {
  /** Least and largest prior variance of each group, in units of the mean latency squared. */
  static final double[] LEAST = {0.01, 0.003, 0.05, 1e-4, 1e-6, 1e-6, 1e-6, 1e-7, 1e-6};

  static final double[] LARGEST = {0.011, 0.03, 3, 0.3, 0.03, 0.01, 0.01, 0.01, 0.03};

  private final SourceModels models;
  private final List<String> devices;
  private final double[] choiceCosts;
  private final double[][] means;
  private final double[] scales;

  TransferFeatures(SourceModels models, List<String> devices) {
    this.models = models;
    this.devices = devices;
    this.choiceCosts = new double[models.costs(devices.getFirst()).length];
    for (String device : devices) {
      double[] costs = models.costs(device);
      for (int i = 0; i < choiceCosts.length; i++) {
        choiceCosts[i] += costs[i] / devices.size();
      }
    }
    List<Architecture> pool = models.pool();
    double[][] sums = raw(pool.getFirst());
    for (double[] group : sums) {
      Arrays.fill(group, 0);
    }
    double[] squares = new double[sums.length];
    for (Architecture architecture : pool) {
      double[][] row = raw(architecture);
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
      scales[g] = variance > 1e-12 ? 1 / Math.sqrt(variance) : 0;
    }
  }

  /** The mean of the sources' latencies, each in units of its device's mean. */
  double mean(Architecture architecture) {
    double sum = 0;
    for (String device : devices) {
      sum += models.latency(device, architecture);
    }
    return sum / devices.size();
  }

  /** The groups: [group][feature]. */
  double[][] of(Architecture architecture) {
    double[][] raw = raw(architecture);
    double[][] groups = new double[raw.length + 1][];
    groups[0] = new double[] {1};
    for (int g = 0; g < raw.length; g++) {
      // the first two are latencies, whose size matters
      double scale = g < 2 ? 1 : scales[g];
      for (int f = 0; f < raw[g].length; f++) {
        raw[g][f] = (raw[g][f] - means[g][f]) * scale;
      }
      groups[g + 1] = raw[g];
    }
    return groups;
  }

  private double[][] raw(Architecture architecture) {
    double[] differences = new double[devices.size()];
    double mean = 0;
    for (int s = 0; s < differences.length; s++) {
      differences[s] = models.latency(devices.get(s), architecture);
      mean += differences[s] / differences.length;
    }
    for (int s = 0; s < differences.length; s++) {
      differences[s] = (differences[s] - mean) / Math.sqrt(differences.length);
    }
    GeneEncoding encoding = models.encoding();
    double[] counts = encoding.counts(architecture);
    double[] byChoice = new double[counts.length];
    double[] byGene = new double[encoding.genes().size()];
    double[] single = new double[choiceCosts.length];
    int offset = 0;
    for (int gene = 0; gene < byGene.length; gene++) {
      int choice = architecture.choice(gene);
      double cost = choiceCosts[offset + choice];
      if (byChoice.length > 0) {
        byChoice[choice] += cost;
      }
      byGene[gene] = cost;
      single[offset + choice] = cost;
      offset += encoding.genes().get(gene).choices().size();
    }
    return new double[][] {
      {mean}, differences, counts, models.structure(architecture), byChoice, byGene, single
    };
  }
}
