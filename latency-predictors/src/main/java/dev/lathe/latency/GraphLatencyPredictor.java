package dev.lathe.latency;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.latency.regression.Agreement;
import dev.lathe.latency.regression.Conformal;
import dev.lathe.latency.regression.GaussianProcess;
import dev.lathe.space.RandomStreams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Latency of graphs on one device at one precision, calibrated by measurements of whole networks: a
 * cost for each kind of kernel (see {@link GraphFeatures}), corrected by a Gaussian process where
 * cross-validation says that it helps. The 90 % interval is a factor around the estimate whose size
 * is that of the errors on held-out networks (conformal). Immutable.
 */
public final class GraphLatencyPredictor {
  /** Fewer measurements than this tell nothing about the error. */
  public static final int LEAST_SAMPLES = 20;

  private static final int FOLDS = 10;
  private static final int REPEATS = 3;
  private static final double COVERAGE = 0.9;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KernelCostModel model;
  private final double logWidth;

  GraphLatencyPredictor(KernelCostModel model, double logWidth) {
    this.model = model;
    this.logWidth = logWidth;
  }

  /**
   * Fits a predictor and reports its error on networks that it has not seen ({@value #REPEATS}
   * times {@value #FOLDS}-fold cross-validation).
   *
   * @param samples at least {@value #LEAST_SAMPLES} measured networks
   * @param seed of the division into folds
   * @throws PredictorRefusedException if it ranks held-out networks worse than Spearman {@value
   *     CalibrationReport#LEAST_SPEARMAN}
   * @throws IllegalArgumentException if there are too few samples
   */
  public static Calibration calibrate(List<Sample> samples, long seed) {
    Calibration calibration = fit(samples, seed);
    if (!(calibration.report().spearman() >= CalibrationReport.LEAST_SPEARMAN)) {
      throw new PredictorRefusedException(calibration.report());
    }
    return calibration;
  }

  private static Calibration fit(List<Sample> samples, long seed) {
    requireEnough(samples);
    List<CrossValidation> candidates = CrossValidation.of(samples, seed);
    CrossValidation best =
        Collections.min(candidates, Comparator.comparingDouble(CrossValidation::mape));
    double logWidth = Conformal.bound(best.pooledScores(), COVERAGE);
    KernelCostModel model = KernelCostModel.fit(samples);
    var predictor =
        new GraphLatencyPredictor(best.withResidual ? model : model.additive(), logWidth);
    return new Calibration(predictor, best.report(logWidth));
  }

  /**
   * What each sample is expected to take by models that have not seen it, in milliseconds; the
   * median over the repeats of the cross-validation of {@link #calibrate}.
   *
   * @throws IllegalArgumentException if there are too few samples
   */
  static double[] heldOutMillis(List<Sample> samples, long seed) {
    requireEnough(samples);
    return Collections.min(
            CrossValidation.of(samples, seed), Comparator.comparingDouble(CrossValidation::mape))
        .medianPredictions();
  }

  /**
   * Mean relative error on samples that the predictor has not seen, by the cross-validation of
   * {@link #calibrate}.
   *
   * @throws IllegalArgumentException if there are too few samples
   */
  public static double heldOutError(List<Sample> samples, long seed) {
    requireEnough(samples);
    return CrossValidation.of(samples, seed).stream()
        .mapToDouble(CrossValidation::mape)
        .min()
        .orElseThrow();
  }

  /**
   * Mean relative error, on others, of a predictor fitted to some samples; the better of with and
   * without the Gaussian process, as a calibration would have chosen.
   */
  public static double errorOnOthers(List<Sample> seen, List<Sample> others) {
    KernelCostModel model = KernelCostModel.fit(seen);
    double[] measured = others.stream().mapToDouble(Sample::millis).toArray();
    return Math.min(
        Agreement.of(millis(model, others), measured).mape(),
        Agreement.of(millis(model.additive(), others), measured).mape());
  }

  private static double[] millis(KernelCostModel model, List<Sample> samples) {
    return samples.stream().mapToDouble(sample -> model.millis(sample.features())).toArray();
  }

  /** What networks are expected to take by kernel costs alone, fitted to samples; quick. */
  public static double[] additiveMillis(List<Sample> samples, List<FeatureVector> networks) {
    KernelCostModel model = KernelCostModel.costsOnly(samples);
    return networks.stream().mapToDouble(model::millis).toArray();
  }

  private static void requireEnough(List<Sample> samples) {
    if (samples.size() < LEAST_SAMPLES) {
      throw new IllegalArgumentException(
          "%d measurements are too few to calibrate a latency predictor; it needs at least %d. Maybe measurements failed on the device."
              .formatted(samples.size(), LEAST_SAMPLES));
    }
  }

  /** Whether calibration has seen all kernels of a graph; those that it has not cost nothing. */
  public boolean knows(FeatureVector features) {
    return model.knows(features);
  }

  /** Estimates the latency of a graph by its features. */
  public Estimate predict(FeatureVector features) {
    double millis = model.millis(features);
    return new Estimate(millis, millis * Math.exp(-logWidth), millis * Math.exp(logWidth));
  }

  /** What is known of the device's kernels. */
  KernelCostModel model() {
    return model;
  }

  /** What the predictor is, for people. */
  public String kind() {
    return kind(!model.residuals().isEmpty());
  }

  private static String kind(boolean withResidual) {
    return withResidual ? "kernel costs and Gaussian process" : "kernel costs";
  }

  /** The predictor as JSON text, for {@link #fromJson}. */
  public String toJson() {
    Stored stored =
        new Stored(
            1,
            model.names(),
            model.millisPerUnit(),
            logWidth,
            model.residuals().stream()
                .map(
                    r ->
                        new StoredResidual(
                            r.columns(),
                            r.means(),
                            r.deviations(),
                            r.process().inputs(),
                            r.process().weights(),
                            r.process().lengthScale()))
                .toList());
    try {
      return JSON.writeValueAsString(stored);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a predictor could not be written as JSON.", e);
    }
  }

  /**
   * Reads a predictor.
   *
   * @throws IllegalArgumentException if the text is not what {@link #toJson} writes
   */
  public static GraphLatencyPredictor fromJson(String json) {
    try {
      Stored stored = JSON.readValue(json, Stored.class);
      if (stored.version != 1) {
        throw new IllegalArgumentException(
            "a latency predictor of format %d cannot be read, only format 1. Maybe calibrate it again."
                .formatted(stored.version));
      }
      List<KernelCostModel.Residual> residuals =
          stored.residual.stream()
              .map(
                  r ->
                      new KernelCostModel.Residual(
                          r.columns,
                          r.means,
                          r.deviations,
                          new GaussianProcess(r.inputs, r.weights, r.lengthScale)))
              .toList();
      return new GraphLatencyPredictor(
          new KernelCostModel(List.copyOf(stored.names), stored.millisPerUnit, residuals),
          stored.logWidth);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "this is no latency predictor: " + e.getOriginalMessage(), e);
    }
  }

  private record Stored(
      int version,
      List<String> names,
      double[] millisPerUnit,
      double logWidth,
      List<StoredResidual> residual) {}

  private record StoredResidual(
      int[] columns,
      double[] means,
      double[] deviations,
      double[][] inputs,
      double[] weights,
      double lengthScale) {}

  /** Predictions of each sample by models that had not seen it, [repeat][sample]. */
  private record CrossValidation(
      boolean withResidual, double[] measured, double[][] predicted, int[][] fold) {
    /** Without and with the residual, on the same folds. */
    static List<CrossValidation> of(List<Sample> samples, long seed) {
      int n = samples.size();
      double[][] additive = new double[REPEATS][n];
      double[][] corrected = new double[REPEATS][n];
      int[][] fold = new int[REPEATS][n];
      for (int repeat = 0; repeat < REPEATS; repeat++) {
        fold[repeat] = folds(n, new RandomStreams(seed).at("predictor folds", repeat));
        for (int held = 0; held < FOLDS; held++) {
          List<Sample> seen = new ArrayList<>();
          for (int i = 0; i < n; i++) {
            if (fold[repeat][i] != held) {
              seen.add(samples.get(i));
            }
          }
          KernelCostModel model = KernelCostModel.fit(seen);
          for (int i = 0; i < n; i++) {
            if (fold[repeat][i] == held) {
              corrected[repeat][i] = model.millis(samples.get(i).features());
              additive[repeat][i] = model.additive().millis(samples.get(i).features());
            }
          }
        }
      }
      double[] measured = samples.stream().mapToDouble(Sample::millis).toArray();
      return List.of(
          new CrossValidation(false, measured, additive, fold),
          new CrossValidation(true, measured, corrected, fold));
    }

    private static int[] folds(int n, RandomGenerator random) {
      int[] folds = new int[n];
      for (int i = 0; i < n; i++) {
        int j = random.nextInt(i + 1);
        folds[i] = folds[j];
        folds[j] = i % FOLDS;
      }
      return folds;
    }

    double mape() {
      return agreements().stream().mapToDouble(Agreement::mape).average().orElseThrow();
    }

    private List<Agreement> agreements() {
      return Arrays.stream(predicted).map(p -> Agreement.of(p, measured)).toList();
    }

    private double score(int repeat, int sample) {
      return Math.abs(Math.log(predicted[repeat][sample] / measured[sample]));
    }

    double[] medianPredictions() {
      double[] medians = new double[measured.length];
      for (int i = 0; i < medians.length; i++) {
        int sample = i;
        medians[i] =
            DeviceSpeed.median(Arrays.stream(predicted).mapToDouble(p -> p[sample]).toArray());
      }
      return medians;
    }

    double[] pooledScores() {
      double[] scores = new double[measured.length];
      for (int i = 0; i < scores.length; i++) {
        double[] ofSample = new double[REPEATS];
        for (int repeat = 0; repeat < REPEATS; repeat++) {
          ofSample[repeat] = score(repeat, i);
        }
        Arrays.sort(ofSample);
        scores[i] = ofSample[REPEATS / 2];
      }
      return scores;
    }

    /** Share of samples that lie in an interval made without their own fold's errors. */
    private double coverage() {
      int covered = 0;
      for (int repeat = 0; repeat < REPEATS; repeat++) {
        for (int held = 0; held < FOLDS; held++) {
          double[] others = new double[measured.length];
          int count = 0;
          for (int i = 0; i < measured.length; i++) {
            if (fold[repeat][i] != held) {
              others[count++] = score(repeat, i);
            }
          }
          double bound = Conformal.bound(Arrays.copyOf(others, count), COVERAGE);
          for (int i = 0; i < measured.length; i++) {
            covered += fold[repeat][i] == held && score(repeat, i) <= bound ? 1 : 0;
          }
        }
      }
      return (double) covered / (REPEATS * measured.length);
    }

    CalibrationReport report(double logWidth) {
      List<Agreement> agreements = agreements();
      return new CalibrationReport(
          kind(withResidual),
          measured.length,
          measured.length,
          agreements.stream().mapToDouble(Agreement::spearman).average().orElseThrow(),
          agreements.stream().mapToDouble(Agreement::kendall).average().orElseThrow(),
          mape(),
          agreements.stream().mapToDouble(Agreement::within10).average().orElseThrow(),
          coverage(),
          2 * Math.sinh(logWidth));
    }
  }
}
