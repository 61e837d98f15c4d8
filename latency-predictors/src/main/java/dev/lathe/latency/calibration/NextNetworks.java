package dev.lathe.latency.calibration;

import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.Sample;
import dev.lathe.space.RandomStreams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Chooses which networks to measure next: those that are far from the measured ones (spread) and on
 * which predictors fitted to resamples of the measurements disagree (query by committee: Seung,
 * Opper, Sompolinsky 1992, doi:10.1145/130385.130417).
 */
public final class NextNetworks {
  private static final int COMMITTEE = 6;

  private NextNetworks() {}

  /**
   * The indices of the candidates to measure, the most informative first.
   *
   * @param measured so far; with fewer than {@value GraphLatencyPredictor#LEAST_SAMPLES} only
   *     spread counts
   * @param candidates features of networks that can be measured and are not
   * @param count at most so many
   */
  public static List<Integer> choose(
      List<Sample> measured, List<FeatureVector> candidates, int count, long seed) {
    List<FeatureVector> all = new ArrayList<>(candidates);
    measured.forEach(sample -> all.add(sample.features()));
    double[][] places = places(all);
    double[] disagreement = disagreement(measured, candidates, seed);
    double[] distances = new double[candidates.size()];
    Arrays.fill(distances, Double.POSITIVE_INFINITY);
    for (int m = 0; m < measured.size(); m++) {
      nearer(distances, places, places[candidates.size() + m]);
    }
    if (measured.isEmpty()) {
      // The first is the one farthest from the middle, which is 0.
      for (int c = 0; c < distances.length; c++) {
        distances[c] = distance(places[c], new double[places[c].length]);
      }
    }
    List<Integer> chosen = new ArrayList<>();
    boolean[] taken = new boolean[candidates.size()];
    while (chosen.size() < Math.min(count, candidates.size())) {
      int best = -1;
      for (int c = 0; c < taken.length; c++) {
        if (!taken[c]
            && (best < 0
                || distances[c] * disagreement[c] > distances[best] * disagreement[best])) {
          best = c;
        }
      }
      taken[best] = true;
      if (measured.isEmpty() && chosen.isEmpty()) {
        Arrays.fill(distances, Double.POSITIVE_INFINITY);
      }
      chosen.add(best);
      nearer(distances, places, places[best]);
    }
    return List.copyOf(chosen);
  }

  /** Deviation of the committee's logarithmic predictions, over the mean of all; 1 without one. */
  private static double[] disagreement(
      List<Sample> measured, List<FeatureVector> candidates, long seed) {
    double[] deviations = new double[candidates.size()];
    Arrays.fill(deviations, 1);
    if (measured.size() < GraphLatencyPredictor.LEAST_SAMPLES || candidates.isEmpty()) {
      return deviations;
    }
    double[][] logs = new double[COMMITTEE][];
    for (int member = 0; member < COMMITTEE; member++) {
      RandomGenerator random = new RandomStreams(seed).at("committee", member);
      List<Sample> resampled = new ArrayList<>();
      for (int i = 0; i < measured.size(); i++) {
        resampled.add(measured.get(random.nextInt(measured.size())));
      }
      double[] millis = GraphLatencyPredictor.additiveMillis(resampled, candidates);
      logs[member] = Arrays.stream(millis).map(Math::log).toArray();
    }
    double sum = 0;
    for (int c = 0; c < deviations.length; c++) {
      int candidate = c;
      double[] of = Arrays.stream(logs).mapToDouble(log -> log[candidate]).toArray();
      double mean = Arrays.stream(of).average().orElseThrow();
      deviations[c] =
          Math.sqrt(Arrays.stream(of).map(v -> (v - mean) * (v - mean)).average().orElseThrow());
      sum += deviations[c];
    }
    double mean = sum / deviations.length;
    return mean > 0
        ? Arrays.stream(deviations).map(v -> v / mean).toArray()
        : Arrays.stream(deviations).map(v -> 1).toArray();
  }

  /** Logarithms of the features, each of mean 0 and deviation 1 over all networks. */
  private static double[][] places(List<FeatureVector> networks) {
    TreeSet<String> names = new TreeSet<>();
    networks.forEach(features -> names.addAll(features.values().keySet()));
    double[][] places = new double[networks.size()][names.size()];
    int column = 0;
    for (String name : names) {
      double[] logs =
          networks.stream().mapToDouble(features -> Math.log1p(features.get(name))).toArray();
      double mean = Arrays.stream(logs).average().orElse(0);
      double variance = Arrays.stream(logs).map(v -> (v - mean) * (v - mean)).average().orElse(0);
      for (int i = 0; i < logs.length; i++) {
        places[i][column] = variance > 1e-12 ? (logs[i] - mean) / Math.sqrt(variance) : 0;
      }
      column++;
    }
    return places;
  }

  private static void nearer(double[] distances, double[][] places, double[] to) {
    for (int c = 0; c < distances.length; c++) {
      distances[c] = Math.min(distances[c], distance(places[c], to));
    }
  }

  private static double distance(double[] left, double[] right) {
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += (left[i] - right[i]) * (left[i] - right[i]);
    }
    return Math.sqrt(sum);
  }
}
