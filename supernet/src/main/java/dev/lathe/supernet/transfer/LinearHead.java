package dev.lathe.supernet.transfer;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import de.bwaldvogel.liblinear.Linear;
import de.bwaldvogel.liblinear.Model;
import de.bwaldvogel.liblinear.Parameter;
import de.bwaldvogel.liblinear.Problem;
import de.bwaldvogel.liblinear.SolverType;
import dev.lathe.data.Accuracy;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A linear classifier on features: one against all others for each class, logistic loss, classes
 * weighted so that each counts the same, by LIBLINEAR (R.-E. Fan et al., 2008). Its strength of
 * regularisation is what cross-validation finds best.
 *
 * @param weights [f][classes], for features as they come
 * @param bias [classes]
 * @param crossValidated accuracy on images that the classifier of their fold did not see
 */
public record LinearHead(float[][] weights, float[] bias, Accuracy crossValidated) {
  private static final double[] COSTS = {0.03, 0.3, 3, 30, 300};
  private static final int FOLDS = 5;
  private static final double TOLERANCE = 0.01;
  private static final int PASSES = 300;

  /**
   * Fits a classifier.
   *
   * @param features [n][f]
   * @param labels [n]
   * @param groups [n], which images belong together (a picture and its mirror image) and must stand
   *     on one side of every fold
   * @param seed of folds and order
   */
  public static LinearHead fit(
      float[][] features, int[] labels, int[] groups, int classes, long seed) {
    Scaled scaled = Scaled.of(features);
    int[] folds = folds(labels, groups, classes, seed);
    // Mirror images, which stand behind the pictures, are learnt from and not judged by.
    int pictures = (int) IntStream.of(groups).distinct().count();
    double best = -1;
    double cost = COSTS[0];
    Accuracy accuracy = null;
    for (double candidate : COSTS) {
      Accuracy found =
          crossValidate(scaled.nodes, labels, folds, pictures, classes, candidate, seed);
      if (found.balanced() > best + 1e-9) {
        best = found.balanced();
        cost = candidate;
        accuracy = found;
      }
    }
    int[] all = IntStream.range(0, labels.length).toArray();
    double[][] model = train(scaled.nodes, labels, all, classes, cost, seed);
    int f = scaled.mean.length;
    float[][] weights = new float[f][classes];
    float[] bias = new float[classes];
    for (int c = 0; c < classes; c++) {
      double shift = model[f][c];
      for (int i = 0; i < f; i++) {
        weights[i][c] = (float) (model[i][c] / scaled.std[i]);
        shift -= model[i][c] * scaled.mean[i] / scaled.std[i];
      }
      bias[c] = (float) shift;
    }
    return new LinearHead(weights, bias, java.util.Objects.requireNonNull(accuracy));
  }

  /** Features of mean 0 and deviation 1, times what keeps their inner products near 1. */
  private record Scaled(Feature[][] nodes, double[] mean, double[] std) {
    static Scaled of(float[][] features) {
      int f = features[0].length;
      double[] mean = new double[f];
      double[] std = new double[f];
      for (float[] row : features) {
        for (int i = 0; i < f; i++) {
          mean[i] += row[i] / (double) features.length;
        }
      }
      for (float[] row : features) {
        for (int i = 0; i < f; i++) {
          std[i] += (row[i] - mean[i]) * (row[i] - mean[i]) / features.length;
        }
      }
      for (int i = 0; i < f; i++) {
        std[i] = Math.max(1e-6, Math.sqrt(std[i])) * Math.sqrt(f);
      }
      Feature[][] nodes = new Feature[features.length][f];
      for (int n = 0; n < features.length; n++) {
        for (int i = 0; i < f; i++) {
          nodes[n][i] = new FeatureNode(i + 1, (features[n][i] - mean[i]) / std[i]);
        }
      }
      return new Scaled(nodes, mean, std);
    }
  }

  /** Deals the groups of every class out in turn. */
  private static int[] folds(int[] labels, int[] groups, int classes, long seed) {
    int[] order = IntStream.of(groups).distinct().toArray();
    Random random = new Random(seed);
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[other];
      order[other] = swapped;
    }
    int[] labelOf = new int[Arrays.stream(groups).max().orElse(0) + 1];
    for (int i = 0; i < groups.length; i++) {
      labelOf[groups[i]] = labels[i];
    }
    int[] foldOf = new int[labelOf.length];
    int[] next = new int[classes];
    for (int group : order) {
      foldOf[group] = next[labelOf[group]]++ % FOLDS;
    }
    return Arrays.stream(groups).map(group -> foldOf[group]).toArray();
  }

  private static Accuracy crossValidate(
      Feature[][] nodes,
      int[] labels,
      int[] folds,
      int pictures,
      int classes,
      double cost,
      long seed) {
    Accuracy.Counter counter = new Accuracy.Counter(classes);
    for (int fold = 0; fold < FOLDS; fold++) {
      int held = fold;
      int[] rest = IntStream.range(0, labels.length).filter(i -> folds[i] != held).toArray();
      int[] out = IntStream.range(0, pictures).filter(i -> folds[i] == held).toArray();
      if (out.length == 0) {
        continue;
      }
      double[][] model = train(nodes, labels, rest, classes, cost, seed);
      for (int i : out) {
        counter.add(logits(model, nodes[i], classes), new int[] {labels[i]}, 0, 1);
      }
    }
    return counter.accuracy();
  }

  private static float[] logits(double[][] model, Feature[] nodes, int classes) {
    float[] logits = new float[classes];
    for (int c = 0; c < classes; c++) {
      double sum = model[nodes.length][c];
      for (int i = 0; i < nodes.length; i++) {
        sum += model[i][c] * nodes[i].getValue();
      }
      logits[c] = (float) sum;
    }
    return logits;
  }

  /** Weights [f + 1][classes], the last row the bias. */
  private static double[][] train(
      Feature[][] nodes, int[] labels, int[] rows, int classes, double cost, long seed) {
    int f = nodes[0].length;
    double[][] weights = new double[f + 1][classes];
    for (int c = 0; c < classes; c++) {
      int own = c;
      long positive = Arrays.stream(rows).filter(i -> labels[i] == own).count();
      if (positive == 0) {
        weights[f][c] = -10;
        continue;
      }
      Problem problem = new Problem();
      problem.l = rows.length;
      problem.n = f + 1;
      problem.bias = 1;
      problem.x = new Feature[rows.length][];
      problem.y = new double[rows.length];
      for (int r = 0; r < rows.length; r++) {
        Feature[] row = Arrays.copyOf(nodes[rows[r]], f + 1);
        row[f] = new FeatureNode(f + 1, 1);
        problem.x[r] = row;
        problem.y[r] = labels[rows[r]] == c ? 1 : -1;
      }
      Parameter parameter = new Parameter(SolverType.L2R_LR_DUAL, cost, PASSES, TOLERANCE);
      double share = (double) positive / rows.length;
      parameter.setWeights(
          new double[] {1 / share / classes, (1 - 1.0 / classes) / (1 - share)}, new int[] {1, -1});
      parameter.setRandom(new Random(seed));
      Model model = quietly(problem, parameter);
      double sign = model.getLabels()[0] == 1 ? 1 : -1;
      double[] w = model.getFeatureWeights();
      for (int i = 0; i <= f; i++) {
        weights[i][c] = sign * w[i];
      }
    }
    return weights;
  }

  private static synchronized Model quietly(Problem problem, Parameter parameter) {
    Linear.disableDebugOutput();
    return Linear.train(problem, parameter);
  }
}
