package dev.lathe.evolution.surrogate;

import dev.lathe.evolution.surrogate.Encoding.Point;
import java.util.List;

/**
 * Kernel parameters of highest posterior density (marginal likelihood times a log-normal prior), by
 * gradient ascent with step sizes that adapt to the gradient's sign (Rprop, Riedmiller and Braun
 * 1993, doi:10.1109/ICNN.1993.298623).
 */
final class KernelFit {
  private static final double PRIOR_DEVIATION = 1;
  private static final double WEIGHT_DEVIATION = 0.7;

  private final Encoding encoding;
  private final int n;
  private final double[] targets;

  private final int[][] codes;

  /** How many genes differ, each by its plain distance: [i][j], j < i. */
  private final double[][] sums;

  private final double[][] squares;
  private final double[] prior;

  KernelFit(Encoding encoding, List<Point> points, double[] targets) {
    this.encoding = encoding;
    this.n = points.size();
    this.targets = targets;
    this.prior = Kernel.prior(encoding);
    this.codes = points.stream().map(Point::codes).toArray(int[][]::new);
    this.sums = new double[n][];
    this.squares = new double[n][];
    for (int i = 0; i < n; i++) {
      squares[i] = new double[i];
      sums[i] = new double[i];
      for (int g = 0; g < encoding.genes(); g++) {
        double[] toOthers = encoding.distances(g)[codes[i][g]];
        for (int j = 0; j < i; j++) {
          sums[i][j] += toOthers[codes[j][g]];
        }
      }
      for (int j = 0; j < i; j++) {
        squares[i][j] = encoding.square(points.get(i), points.get(j));
      }
    }
  }

  /** The best parameters met in so many steps from {@code start}. */
  double[] ascend(double[] start, int steps) {
    double[] at = start.clone();
    double[] best = start.clone();
    double bestDensity = Double.NEGATIVE_INFINITY;
    double[] step = new double[at.length];
    java.util.Arrays.fill(step, 0.15);
    double[] before = new double[at.length];
    for (int iteration = 0; iteration <= steps; iteration++) {
      double[] gradient = new double[at.length];
      double density = density(at, gradient);
      if (density > bestDensity) {
        bestDensity = density;
        best = at.clone();
      }
      for (int p = 0; p < at.length; p++) {
        double agreement = gradient[p] * before[p];
        if (agreement > 0) {
          step[p] = Math.min(0.6, step[p] * 1.2);
        } else if (agreement < 0) {
          step[p] = Math.max(0.01, step[p] * 0.5);
        }
        at[p] += Math.signum(gradient[p]) * step[p];
        before[p] = gradient[p];
      }
    }
    return best;
  }

  private double density(double[] at, double[] gradient) {
    int genes = encoding.genes();
    double additive = Math.exp(at[Kernel.ADDITIVE]) / genes;
    double product = Math.exp(at[Kernel.PRODUCT]);
    double counts = encoding.letters() == 0 ? 0 : Math.exp(at[Kernel.COUNTS]);
    double noise = Math.exp(at[Kernel.NOISE]);
    double countScale = Math.exp(at[Kernel.COUNT_SCALE]);
    double[] letterWeights = Kernel.letterWeights(encoding, at);
    double[][][] steps = new double[genes][][];
    for (int g = 0; g < genes; g++) {
      double weight = Math.exp(at[Kernel.WEIGHTS + g]);
      steps[g] = encoding.weighted(g, letterWeights);
      if (steps[g] == encoding.distances(g)) {
        steps[g] = java.util.Arrays.stream(steps[g]).map(double[]::clone).toArray(double[][]::new);
      }
      for (double[] row : steps[g]) {
        for (int c = 0; c < row.length; c++) {
          row[c] *= weight;
        }
      }
    }
    double[][] additives = new double[n][];
    double[][] products = new double[n][];
    double[][] countings = new double[n][];
    double diagonal = additive * genes + product + counts + noise;
    Cholesky cholesky = new Cholesky();
    double[] weighted = new double[n];
    for (int i = 0; i < n; i++) {
      java.util.Arrays.fill(weighted, 0, i, 0);
      for (int g = 0; g < genes; g++) {
        double[] step = steps[g][codes[i][g]];
        for (int j = 0; j < i; j++) {
          weighted[j] += step[codes[j][g]];
        }
      }
      additives[i] = new double[i];
      products[i] = new double[i];
      countings[i] = new double[i];
      double[] column = new double[i];
      for (int j = 0; j < i; j++) {
        additives[i][j] = additive * (genes - sums[i][j]);
        products[i][j] = product * Math.exp(-weighted[j]);
        countings[i][j] = counts == 0 ? 0 : counts * Math.exp(-countScale * squares[i][j]);
        column[j] = additives[i][j] + products[i][j] + countings[i][j];
      }
      cholesky.append(column, diagonal);
    }
    double[] alpha = cholesky.solve(targets);
    double density = -0.5 * Cholesky.dot(targets, alpha, n) - cholesky.halfLogDeterminant();
    double[][] inverse = cholesky.inverse();
    double trace = 0;
    for (int i = 0; i < n; i++) {
      trace += alpha[i] * alpha[i] - inverse[i][i];
      for (int j = 0; j < i; j++) {
        // d density / d K[i][j], both triangles
        double pull = alpha[i] * alpha[j] - inverse[i][j];
        inverse[i][j] = pull;
        gradient[Kernel.ADDITIVE] += pull * additives[i][j];
        gradient[Kernel.PRODUCT] += pull * products[i][j];
        gradient[Kernel.COUNTS] += pull * countings[i][j];
        gradient[Kernel.COUNT_SCALE] -= pull * countings[i][j] * countScale * squares[i][j];
        products[i][j] *= pull;
      }
    }
    gradient[Kernel.ADDITIVE] += 0.5 * trace * additive * genes;
    gradient[Kernel.PRODUCT] += 0.5 * trace * product;
    gradient[Kernel.COUNTS] += 0.5 * trace * counts;
    gradient[Kernel.NOISE] += 0.5 * trace * noise;
    for (int g = 0; g < genes; g++) {
      pullWeights(g, Math.exp(at[Kernel.WEIGHTS + g]), letterWeights, steps[g], products, gradient);
    }
    for (int p = 0; p < at.length; p++) {
      double deviation = p >= Kernel.WEIGHTS ? WEIGHT_DEVIATION : PRIOR_DEVIATION;
      double away = (at[p] - prior[p]) / deviation;
      density -= 0.5 * away * away;
      gradient[p] -= away / deviation;
    }
    return density;
  }

  /** Gradient of a gene's weight and of its letters' weights. */
  private void pullWeights(
      int gene,
      double weight,
      double[] letterWeights,
      double[][] step,
      double[][] pulled,
      double[] gradient) {
    double[][] pulls = new double[step.length][step.length];
    for (int i = 0; i < n; i++) {
      double[] row = pulls[codes[i][gene]];
      for (int j = 0; j < i; j++) {
        row[codes[j][gene]] += pulled[i][j];
      }
    }
    for (int a = 0; a < step.length; a++) {
      for (int b = 0; b < step.length; b++) {
        gradient[Kernel.WEIGHTS + gene] -= pulls[a][b] * step[a][b];
      }
    }
    for (int a = 0; a < step.length; a++) {
      int letter = encoding.weightedLetter(gene, a);
      if (letter < 0) {
        continue;
      }
      double sum = 0;
      for (int b = 0; b < step.length; b++) {
        if (a != b) {
          sum += pulls[a][b] + pulls[b][a];
        }
      }
      gradient[Kernel.WEIGHTS + encoding.genes() + letter] -= sum * weight * letterWeights[letter];
    }
  }
}
