package dev.lathe.compress.claim;

import dev.lathe.compress.Latencies;
import dev.lathe.compress.OutputComparison;
import dev.lathe.compress.calibration.CalibrationSource;
import dev.lathe.compress.calibration.LabelledItems;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The figures of a compressed model, on inputs that calibration did not see.
 *
 * @param comparison of all floating-point outputs
 * @param score of the task, where labels are known
 * @param chance the score of guessing: one that is not above it decides nothing
 * @param blame the tensors at which most is lost
 * @param originalMillis median latency of the original, one item, one thread, in turns with
 * @param millis that of the compressed model
 */
public record Claim(
    OutputComparison comparison,
    Optional<Score> score,
    double chance,
    List<Blame> blame,
    double originalMillis,
    double millis) {
  /** Multiplications for all items, about a second and a half of one thread for each model. */
  private static final double WORK = 16e9;

  /** Weights for all items: of what recurs, multiplications are not counted. */
  private static final double WEIGHTS = 2e8;

  private static final int LEAST_ITEMS = 16;
  private static final int MOST_ITEMS = 4096;
  private static final double ABOVE_CHANCE = 0.05;
  private static final double TIMING_MILLIS = 1500;
  private static final int LEAST_ROUNDS = 7;
  private static final int MOST_ROUNDS = 100;

  public Claim {
    blame = List.copyOf(blame);
  }

  /**
   * Measures.
   *
   * @param original in the form in which it is worked on
   * @param file the original as it came, which is timed
   */
  public static Claim of(
      OnnxGraph original, OnnxGraph file, OnnxGraph compressed, CalibrationSource source) {
    OutputComparison comparison =
        OutputComparison.of(original, compressed, source.heldOut(), items(original));
    int batch = Math.max(1, source.heldOut().itemsARun(original));
    double[] millis = millis(file, compressed, source.heldOut().feed(original, 0, batch));
    return new Claim(
        comparison,
        score(original, compressed, source.test()),
        source.test().map(items -> 1.0 / items.classes()).orElse(0.0),
        Blame.of(original, compressed, source.heldOut()),
        millis[0],
        millis[1]);
  }

  /** Fewer for models that take long; the same number each time. */
  private static int items(OnnxGraph original) {
    double weights = 1;
    for (TensorValue tensor : original.initializers()) {
      weights += tensor.elements();
    }
    double items = WEIGHTS / weights;
    try {
      long macs = CostReport.of(original, original.symbols(1, Map.of())).macs();
      items = Math.min(items, WORK / (macs + 1.0));
    } catch (OnnxException e) {
      // Its shapes cannot be told: by the weights alone.
    }
    return (int) Math.clamp(items, LEAST_ITEMS, MOST_ITEMS);
  }

  private static double[] millis(
      OnnxGraph file, OnnxGraph compressed, Map<String, TensorValue> inputs) {
    List<OnnxGraph> models = List.of(file, compressed);
    double once =
        Latencies.of(models, inputs, 1).stream().mapToDouble(Latencies.Distribution::p50).sum();
    int rounds = (int) Math.clamp(TIMING_MILLIS / once, LEAST_ROUNDS, MOST_ROUNDS);
    return Latencies.of(models, inputs, rounds).stream()
        .mapToDouble(Latencies.Distribution::p50)
        .toArray();
  }

  private static Optional<Score> score(
      OnnxGraph original, OnnxGraph compressed, Optional<LabelledItems> test) {
    return Scoring.accuracy(original, test)
        .map(
            scoring ->
                Score.of(
                    scoring.name(),
                    scoring.values(original, 0, scoring.count()),
                    scoring.values(compressed, 0, scoring.count())));
  }

  /** The judgement on a file of so many bytes. */
  public Verdict verdict(double originalBytes, double bytes) {
    return Verdict.of(
        comparison.outputDecibels(),
        score.filter(s -> s.original() > chance + ABOVE_CHANCE),
        new Verdict.Pair(originalBytes, bytes),
        new Verdict.Pair(originalMillis, millis));
  }

  /** The judgement on a file of so many bytes that was made to keep a limit. */
  public Verdict verdict(
      double originalBytes, double bytes, Budget budget, Budget.Outcome outcome) {
    return outcome.kept()
        ? Verdict.of(
            budget,
            outcome,
            new Verdict.Pair(originalBytes, bytes),
            new Verdict.Pair(originalMillis, millis))
        : verdict(originalBytes, bytes);
  }
}
