package dev.lathe.latency.table;

import dev.lathe.latency.regression.NonNegativeLeastSquares;
import dev.lathe.latency.table.SourceModels.Known;
import dev.lathe.space.Architecture;
import java.util.Arrays;
import java.util.List;

/**
 * Latency as a constant plus costs that are not negative: of each source device as a whole and by
 * kind of gene, of structure, and of the sources' mean costs by choice, by kind of gene and by
 * both. The mean over several strengths of the penalties.
 */
final class PositiveCosts {
  /** Weights of the groups, a larger one penalised less, and the penalty. */
  private static final double[][] SETTINGS = {
    {1, 0.3, 0.3, 0.3, 0.3, 0.3, 1e-3},
    {1, 0.3, 0.3, 0.3, 0.3, 0.3, 1e-2},
    {1, 0.1, 0.1, 0.1, 0.3, 0.3, 1e-3},
    {1, 0.1, 0.1, 0.1, 0.3, 0.3, 1e-2}
  };

  private final SourceModels models;
  private final int[] devices;
  private final double[] meanCosts;
  private final double[] groupScales;
  private final double[] structureScales;

  PositiveCosts(SourceModels models, int... devices) {
    this.models = models;
    this.devices = devices;
    this.meanCosts = new double[models.costs(devices[0]).length];
    for (int device : devices) {
      for (int i = 0; i < meanCosts.length; i++) {
        meanCosts[i] += models.costs(device)[i] / devices.length;
      }
    }
    // one scale for each device's costs, then one for the mean costs
    groupScales = new double[devices.length + 1];
    structureScales = new double[models.pool().getFirst().structure().length];
    for (Known known : models.pool()) {
      for (int i = 0; i < meanCosts.length; i++) {
        for (int s = 0; s < devices.length; s++) {
          groupScales[s] += known.choices()[i] * models.costs(devices[s])[i];
        }
        groupScales[devices.length] += known.choices()[i] * meanCosts[i];
      }
      for (int f = 0; f < structureScales.length; f++) {
        structureScales[f] += known.structure()[f];
      }
    }
    double count = models.pool().size();
    for (double[] scales : List.of(groupScales, structureScales)) {
      for (int i = 0; i < scales.length; i++) {
        scales[i] = scales[i] > 0 ? count / scales[i] : 0;
      }
    }
  }

  /** A fit: coefficients of the columns, the mean over settings. */
  record Fit(PositiveCosts costs, double intercept, double[] coefficients) {
    double millis(Architecture architecture) {
      double[] row = costs.row(architecture).values();
      double sum = intercept;
      for (int i = 0; i < row.length; i++) {
        sum += coefficients[i] * row[i];
      }
      return sum;
    }
  }

  Fit fit(List<MeasuredArchitecture> samples) {
    int n = samples.size();
    Row[] rows = samples.stream().map(s -> row(s.architecture())).toArray(Row[]::new);
    double meanMillis =
        samples.stream().mapToDouble(MeasuredArchitecture::millis).average().orElseThrow();
    int columns = rows[0].values().length;
    double[] means = new double[columns];
    for (Row row : rows) {
      for (int c = 0; c < columns; c++) {
        means[c] += row.values()[c] / n;
      }
    }
    double[] targets = samples.stream().mapToDouble(s -> s.millis() / meanMillis - 1).toArray();
    double[] coefficients = new double[columns];
    for (double[] setting : SETTINGS) {
      double[][] scaled = new double[n][columns];
      for (int i = 0; i < n; i++) {
        for (int c = 0; c < columns; c++) {
          scaled[i][c] = setting[rows[i].groups()[c]] * (rows[i].values()[c] - means[c]);
        }
      }
      double[] solution =
          NonNegativeLeastSquares.solve(scaled, targets, setting[setting.length - 1]);
      for (int c = 0; c < columns; c++) {
        coefficients[c] +=
            meanMillis * setting[rows[0].groups()[c]] * solution[c] / SETTINGS.length;
      }
    }
    double intercept = meanMillis;
    for (int c = 0; c < columns; c++) {
      intercept -= coefficients[c] * means[c];
    }
    return new Fit(this, intercept, coefficients);
  }

  /**
   * The columns of an architecture.
   *
   * @param groups the group of each, an index into a setting
   */
  private record Row(double[] values, int[] groups) {}

  private Row row(Architecture architecture) {
    Known known = models.known(architecture);
    int[] offsets = models.encoding().kindOffsets();
    int kinds = offsets.length - 1;
    double[] ofDevice = new double[devices.length];
    double[] byDeviceAndKind = new double[devices.length * kinds];
    double[] byChoice = new double[known.counts().length];
    double[] byKind = new double[kinds];
    double[] single = new double[meanCosts.length];
    double meanScale = groupScales[devices.length];
    for (int kind = 0; kind < kinds; kind++) {
      for (int i = offsets[kind]; i < offsets[kind + 1]; i++) {
        if (known.choices()[i] == 0) {
          continue;
        }
        for (int s = 0; s < devices.length; s++) {
          double cost = known.choices()[i] * models.costs(devices[s])[i] * groupScales[s];
          ofDevice[s] += cost;
          byDeviceAndKind[s * kinds + kind] += cost;
        }
        single[i] = known.choices()[i] * meanCosts[i] * meanScale;
        byKind[kind] += single[i];
        if (byChoice.length > 0) {
          byChoice[i - offsets[kind]] += single[i];
        }
      }
    }
    double[] structure = known.structure().clone();
    for (int f = 0; f < structure.length; f++) {
      structure[f] *= structureScales[f];
    }
    double[][] all = {ofDevice, structure, byChoice, byKind, byDeviceAndKind, single};
    double[] values = new double[Arrays.stream(all).mapToInt(g -> g.length).sum()];
    int[] groups = new int[values.length];
    int at = 0;
    for (int g = 0; g < all.length; g++) {
      System.arraycopy(all[g], 0, values, at, all[g].length);
      Arrays.fill(groups, at, at + all[g].length, g);
      at += all[g].length;
    }
    return new Row(values, groups);
  }
}
