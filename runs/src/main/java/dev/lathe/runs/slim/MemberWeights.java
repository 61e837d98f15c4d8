package dev.lathe.runs.slim;

import dev.lathe.compress.CalibrationData;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.supernet.Examples;
import dev.lathe.supernet.onnx.NormRefresh;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The weights with which a cut is best: refitted, or trained, each also with the statistics of its
 * batch norms taken anew where it has any. Few steps of training can leave a network worse than its
 * refit; which is better is judged on the search's data.
 *
 * @param statistics inputs to take statistics from; empty where the model takes no batches
 */
public record MemberWeights(Judge judge, Optional<Examples> statistics) {
  public static final String REFITTED = "refitted";
  public static final String TRAINED = "trained";
  private static final int BATCH = 64;
  private static final long MOST_VALUES = 8L << 20;

  /** What was kept of a member. */
  record Kept(String weights, double score) {}

  /** A model, what it is, and how good. */
  public record Best(OnnxGraph model, String weights, Judge.Score score) {}

  static MemberWeights of(OnnxGraph original, Lessons data, int items) {
    CalibrationData some =
        data.calibration().between(0, Math.min(items, data.calibration().images()));
    boolean norms = NormRefresh.applies(original);
    return new MemberWeights(
        data.search(), norms ? SlimData.rows(original, some, MOST_VALUES) : Optional.empty());
  }

  /**
   * The better of a cut as it was refitted and as it is after training.
   *
   * @param training of the better refit
   */
  Best best(OnnxGraph refitted, UnaryOperator<OnnxGraph> training) {
    Best before = better(refitted, REFITTED);
    Best after = better(training.apply(before.model()), TRAINED);
    return after.score().beats(before.score()) ? after : before;
  }

  private Best better(OnnxGraph model, String weights) {
    Best as = new Best(model, weights, judge.of(model));
    if (statistics.isEmpty()) {
      return as;
    }
    OnnxGraph refreshed = NormRefresh.of(model, statistics.get(), BATCH);
    Best anew = new Best(refreshed, weights, judge.of(refreshed));
    return anew.score().beats(as.score()) ? anew : as;
  }
}
