package dev.lathe.runs.stages;

import dev.lathe.evolution.front.Gain;
import dev.lathe.evolution.front.ParetoArchive;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.CandidateRecord.Status;
import dev.lathe.runs.RunStore;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The hypervolume of the front after each evaluation, as a share of the box between the best and
 * the worst of each objective in the first batch. The box is noted once and then stays: figures
 * beyond its worst count nothing, those beyond its best count more than 1.
 */
public final class HypervolumeHistory {
  private static final String BOX = "hypervolume.box";

  private final Facts facts;
  private final int least;
  private final ParetoArchive<Boolean> archive;
  private final List<CandidateRecord> waiting = new ArrayList<>();
  private Gain gain = new Gain(new double[] {0});
  private double volume;
  private boolean open;
  private double[] best = {};
  private double[] range = {};

  /**
   * @param best of each cost in the first batch; {@code worst} likewise
   */
  record Box(double[] best, double[] worst) {}

  /**
   * Takes in what is noted of the run so far.
   *
   * @param least how many candidates make the first batch, where they come one by one
   */
  public HypervolumeHistory(RunStore store, int objectives, int least) {
    this.facts = new Facts(store);
    this.least = least;
    this.archive = new ParetoArchive<>(objectives);
    List<CandidateRecord> before = store.candidates();
    if (!before.isEmpty()) {
      box(before);
      before.forEach(this::add);
    }
  }

  /** The number of networks on the front. */
  public int front() {
    return archive.entries().size();
  }

  /** The candidates, each with the hypervolume after it. */
  public List<CandidateRecord> noted(List<CandidateRecord> candidates) {
    box(candidates);
    List<CandidateRecord> noted = new ArrayList<>();
    for (CandidateRecord candidate : candidates) {
      add(candidate);
      noted.add(
          candidate.withHypervolume(open ? OptionalDouble.of(volume) : OptionalDouble.empty()));
    }
    return noted;
  }

  private void add(CandidateRecord candidate) {
    if (candidate.status() != Status.OK) {
      return;
    }
    double[] costs = costs(candidate);
    archive.add(costs, true);
    if (open) {
      count(costs);
    }
  }

  private void count(double[] costs) {
    double[] scaled = scaled(costs);
    volume += gain.of(scaled);
    gain.add(scaled);
  }

  private double[] scaled(double[] costs) {
    double[] scaled = new double[costs.length];
    for (int m = 0; m < costs.length; m++) {
      scaled[m] = (costs[m] - best[m]) / range[m];
    }
    return scaled;
  }

  private void box(List<CandidateRecord> candidates) {
    if (open) {
      return;
    }
    candidates.stream()
        .filter(candidate -> candidate.status() != Status.FAILED)
        .forEach(waiting::add);
    if (waiting.size() < least) {
      return;
    }
    List<double[]> points = waiting.stream().map(HypervolumeHistory::costs).toList();
    Box box = facts.once(BOX, Box.class, () -> box(points, points.getFirst().length));
    best = box.best();
    range = new double[best.length];
    double[] ones = new double[best.length];
    for (int m = 0; m < best.length; m++) {
      range[m] = Math.max(1e-12, box.worst()[m] - best[m]);
      ones[m] = 1;
    }
    gain = new Gain(ones);
    open = true;
    archive.entries().forEach(entry -> count(entry.costs()));
    waiting.clear();
  }

  private static Box box(List<double[]> points, int objectives) {
    double[] best = points.getFirst().clone();
    double[] worst = points.getFirst().clone();
    for (double[] point : points) {
      for (int m = 0; m < objectives; m++) {
        best[m] = Math.min(best[m], point[m]);
        worst[m] = Math.max(worst[m], point[m]);
      }
    }
    return new Box(best, worst);
  }

  private static double[] costs(CandidateRecord candidate) {
    return candidate.costs().stream().mapToDouble(Double::doubleValue).toArray();
  }
}
