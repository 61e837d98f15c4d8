package dev.lathe.runs.slim;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of slimming a model; latencies in milliseconds, scores in [0, 1].
 *
 * @param score what the score is
 * @param order in which channels were sorted, and how each order did
 * @param fixed groups of channels that could not be cut, and why
 * @param hypervolume after each evaluation, of score above 0 and latency below the original's
 * @param budget whether the limit of the drop is kept; null unless one was set
 * @param notes of what could not be done
 * @param met whether a member keeps the latency and the drop that were asked for
 */
public record SlimReport(
    long seed,
    Map<String, Object> request,
    Data data,
    String score,
    List<Device> devices,
    List<Predictor> predictors,
    Order order,
    List<Fixed> fixed,
    SearchFigures search,
    List<double[]> hypervolume,
    Original original,
    List<Member> front,
    @Nullable Budget budget,
    boolean met,
    List<String> notes,
    double seconds) {
  /** Where inputs came from. */
  public record Data(String name, int train, int validation, int test, String sha256) {}

  /** What measured; {@code quiet} if the machine was steady all the time. */
  public record Device(String name, String backend, String runtime, int threads, boolean quiet) {}

  /** How well latencies are predicted, on cuts held out. */
  public record Predictor(
      String device,
      String precision,
      String kind,
      int samples,
      int heldOut,
      double spearman,
      double mape,
      double within10) {}

  /** How channels were sorted. */
  public record Order(String chosen, Map<String, Double> scores) {}

  /** Channels that could not be cut. */
  public record Fixed(String channels, int size, String node, String reason) {}

  /**
   * A limit of the drop, tested in pairs on data that nothing was chosen by.
   *
   * @param member the first that keeps it, or else the one that loses least; empty if none kept the
   *     latency, so that none was tested
   * @param drop of that member's score on the items tested; NaN if none was
   */
  public record Budget(
      double maxDrop,
      double confidence,
      boolean kept,
      String member,
      double drop,
      int items,
      int tries) {}

  /** What the search took. */
  public record SearchFigures(
      String algorithm, int evaluations, double seconds, double hypervolume) {}

  /** A figure by metric. */
  public record Figure(double value, Double lower, Double upper, String source) {}

  /** The model that was brought. */
  public record Original(
      String onnx, long bytes, long macs, long parameters, Map<String, Figure> figures) {}

  /** One latency. */
  public record Latency(
      String device,
      int threads,
      int batch,
      double p50,
      double p90,
      int samples,
      double predicted,
      double lower,
      double upper) {}

  /**
   * A slimmer model.
   *
   * @param validationAccuracy the score on what the search saw, trained
   * @param testAccuracy the score on what it never saw
   * @param weights what was better on the search's data: {@code refitted} or {@code trained}
   * @param cut the test score with channels merely left out, {@code refitted} with their readers
   *     fitted, both before any training
   */
  public record Member(
      String id,
      String twin,
      String form,
      String precision,
      double validationAccuracy,
      double testAccuracy,
      double cut,
      double refitted,
      long bytes,
      long macs,
      long parameters,
      List<Latency> latencies,
      Map<String, Figure> figures,
      Map<String, String> architecture,
      long steps,
      String weights,
      String onnx,
      String sha256) {}
}
