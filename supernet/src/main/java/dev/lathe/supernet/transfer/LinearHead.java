package dev.lathe.supernet.transfer;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import de.bwaldvogel.liblinear.Linear;
import de.bwaldvogel.liblinear.Model;
import de.bwaldvogel.liblinear.Parameter;
import de.bwaldvogel.liblinear.Problem;
import de.bwaldvogel.liblinear.SolverType;
import dev.lathe.data.Accuracy;
import dev.lathe.supernet.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
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
  private static final double FIRST_COST = 3;
  private static final double COST_STEP = 10;
  private static final int COST_STEPS = 2;
  private static final int FOLDS = 5;
  private static final double TOLERANCE = 0.1;
  private static final int PASSES = 300;

  /**
   * Fits a classifier.
   *
   * @param features [n][f]
   * @param labels [n]
   * @param groups [n], which images belong together (a picture and its mirror image) and must stand
   *     on one side of every fold
   * @param seed of folds and order
   * @param workers on which folds and classes are computed side by side
   */
  public static LinearHead fit(
      float[][] features, int[] labels, int[] groups, int classes, long seed, Workers workers) {
    Scaled scaled = Scaled.of(features);
    int[] folds = folds(labels, groups, classes, seed);
    // Mirror images, which stand behind the pictures, are learnt from and not judged by.
    int pictures = (int) IntStream.of(groups).distinct().count();
    CrossValidation validation =
        new CrossValidation(scaled.nodes, labels, folds, pictures, classes, seed, workers);
    Judged best = validation.climb();
    int[] all = IntStream.range(0, labels.length).toArray();
    List<Callable<double[]>> parts = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      int own = c;
      parts.add(() -> train(scaled.nodes, labels, all, own, classes, best.cost(), seed));
    }
    List<double[]> model = workers.run(parts);
    int f = scaled.mean.length;
    float[][] weights = new float[f][classes];
    float[] bias = new float[classes];
    for (int c = 0; c < classes; c++) {
      double[] own = model.get(c);
      double shift = own[f];
      for (int i = 0; i < f; i++) {
        weights[i][c] = (float) (own[i] / scaled.std[i]);
        shift -= own[i] * scaled.mean[i] / scaled.std[i];
      }
      bias[c] = (float) shift;
    }
    return new LinearHead(weights, bias, best.accuracy());
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

  /** A strength of regularisation and what it reaches. */
  private record Judged(double cost, Accuracy accuracy) {}

  /** Judges costs by images that the classifier of their fold did not see. */
  private record CrossValidation(
      Feature[][] nodes,
      int[] labels,
      int[] folds,
      int pictures,
      int classes,
      long seed,
      Workers workers) {
    /**
     * The best cost: from the first one down while that is better, else up. Large costs take long
     * to fit and are seldom the best.
     */
    Judged climb() {
      Judged first = judge(FIRST_COST);
      Judged down = climb(first, 1 / COST_STEP);
      return down.cost() < first.cost() ? down : climb(first, COST_STEP);
    }

    private Judged climb(Judged from, double factor) {
      Judged best = from;
      for (int i = 0; i < COST_STEPS; i++) {
        Judged next = judge(best.cost() * factor);
        if (next.accuracy().balanced() <= best.accuracy().balanced() + 1e-9) {
          break;
        }
        best = next;
      }
      return best;
    }

    private Judged judge(double cost) {
      List<Callable<float[][]>> tasks = new ArrayList<>();
      for (int fold = 0; fold < FOLDS; fold++) {
        int held = fold;
        tasks.add(() -> logits(held, cost));
      }
      Accuracy.Counter counter = new Accuracy.Counter(classes);
      for (float[][] logits : workers.run(tasks)) {
        for (int i = 0; i < pictures; i++) {
          if (logits[i] != null) {
            counter.add(logits[i], new int[] {labels[i]}, 0, 1);
          }
        }
      }
      return new Judged(cost, counter.accuracy());
    }

    /** [pictures], null for those of other folds. */
    private float[][] logits(int held, double cost) {
      int[] rest = IntStream.range(0, labels.length).filter(i -> folds[i] != held).toArray();
      float[][] logits = new float[pictures][];
      int[] out = IntStream.range(0, pictures).filter(i -> folds[i] == held).toArray();
      if (out.length == 0) {
        return logits;
      }
      double[][] model = new double[classes][];
      for (int c = 0; c < classes; c++) {
        model[c] = train(nodes, labels, rest, c, classes, cost, seed);
      }
      for (int i : out) {
        logits[i] = LinearHead.logits(model, nodes[i]);
      }
      return logits;
    }
  }

  private static float[] logits(double[][] model, Feature[] nodes) {
    float[] logits = new float[model.length];
    for (int c = 0; c < model.length; c++) {
      double sum = model[c][nodes.length];
      for (int i = 0; i < nodes.length; i++) {
        sum += model[c][i] * nodes[i].getValue();
      }
      logits[c] = (float) sum;
    }
    return logits;
  }

  /** Weights [f + 1] of one class against the others, the last the bias. */
  private static double[] train(
      Feature[][] nodes, int[] labels, int[] rows, int own, int classes, double cost, long seed) {
    int f = nodes[0].length;
    double[] weights = new double[f + 1];
    long positive = Arrays.stream(rows).filter(i -> labels[i] == own).count();
    if (positive == 0) {
      weights[f] = -10;
      return weights;
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
      problem.y[r] = labels[rows[r]] == own ? 1 : -1;
    }
    Parameter parameter = new Parameter(SolverType.L2R_LR_DUAL, cost, PASSES, TOLERANCE);
    double share = (double) positive / rows.length;
    parameter.setWeights(
        new double[] {1 / share / classes, (1 - 1.0 / classes) / (1 - share)}, new int[] {1, -1});
    parameter.setRandom(new Random(seed));
    Linear.disableDebugOutput();
    Model model = Linear.train(problem, parameter);
    double sign = model.getLabels()[0] == 1 ? 1 : -1;
    double[] w = model.getFeatureWeights();
    for (int i = 0; i <= f; i++) {
      weights[i] = sign * w[i];
    }
    return weights;
  }
}
