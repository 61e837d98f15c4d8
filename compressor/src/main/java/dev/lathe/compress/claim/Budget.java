package dev.lathe.compress.claim;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.policy.CompressionPolicies;
import dev.lathe.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Compresses as far as a score's drop stays within a limit. What to try is chosen on some items:
 * all layers compressed, then fewer, those that harm most in a milder form or left as they are.
 * Whether the limit is kept is then tested on others, which nothing was chosen by; each further try
 * must pass a stricter test, so that all together let a larger drop pass with the stated
 * probability at most.
 *
 * @param most the limit
 * @param confidence that it is kept
 */
public record Budget(double most, double confidence) {
  private static final int CHUNK = 64;
  private static final int MOST_TRIES = 4;
  private static final double MARGIN = 1.0;

  public Budget {
    if (!(most > 0 && most < 1)) {
      throw new IllegalArgumentException(
          "--max-drop must lie between 0 and 1, not %s.".formatted(most));
    }
    if (!(confidence > 0.5 && confidence < 1)) {
      throw new IllegalArgumentException(
          "--confidence must lie between 0.5 and 1, not %s.".formatted(confidence));
    }
  }

  /**
   * What came of it.
   *
   * @param kept whether the limit was shown to be kept
   * @param model the one that keeps it, or else the best found
   * @param drop of that model on the test items
   * @param items on which it was tested
   * @param tries tests that were made
   * @param left names of the layers that were left as they are
   * @param note for people
   */
  public record Outcome(
      boolean kept,
      OnnxGraph model,
      double drop,
      int items,
      int tries,
      List<String> left,
      String note) {}

  /**
   * Finds the smallest model that keeps the limit.
   *
   * @param original whose score counts
   * @param full the model with all layers compressed
   * @param policies with one form beside float, by which single layers are left as they are
   * @param finish brings a model into the form in which it is written
   * @param choice items to choose by
   * @param test items to test with
   */
  public Outcome keep(
      OnnxGraph original,
      OnnxGraph full,
      Policies policies,
      UnaryOperator<OnnxGraph> finish,
      Scoring choice,
      Scoring test) {
    requireItems(test.count());
    double[] reference = choice.values(original, 0, choice.count());
    LayerLadder ladder = new LayerLadder(this, full, policies, finish, choice, reference);
    int rung = ladder.first();
    @Nullable Outcome best = null;
    for (int attempt = 0; attempt < MOST_TRIES && rung < ladder.rungs(); attempt++) {
      LayerLadder.Candidate candidate = ladder.at(rung);
      DropEvidence result = test(original, candidate.model(), test, attempt(attempt));
      Outcome outcome =
          new Outcome(
              result.isKept(),
              candidate.model(),
              result.drop(),
              result.pairs(),
              attempt + 1,
              candidate.left(),
              ladder.described(candidate, test.name()));
      if (outcome.kept()) {
        return outcome;
      }
      best = best == null || outcome.drop() < best.drop() ? outcome : best;
      rung = ladder.next(rung);
    }
    if (best == null) {
      LayerLadder.Candidate last = ladder.at(ladder.rungs() - 1);
      DropEvidence result = test(original, last.model(), test, attempt(0));
      best =
          new Outcome(
              false,
              last.model(),
              result.drop(),
              result.pairs(),
              1,
              last.left(),
              ladder.described(last, test.name()));
    }
    return best;
  }

  /**
   * Refuses items that are too few to show anything.
   *
   * @throws CompressionException if even models without any difference could not be told apart
   */
  public void requireItems(int items) {
    int least = DropEvidence.leastPairs(most, (1 - confidence) / 2);
    if (items < least) {
      throw new CompressionException(
          "%d held-out items cannot show a drop of at most %s with confidence %s: even without any difference it takes %d. Maybe use more data, or allow more."
              .formatted(items, most, confidence, least));
    }
  }

  /**
   * Whether the values that two models have on the same items, by which may be chosen, leave hope
   * that the limit is kept.
   */
  public boolean seemsKept(double[] original, double[] compressed) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < compressed.length; i++) {
      double drop = original[i] - compressed[i];
      sum += drop;
      squares += drop * drop;
    }
    double mean = sum / compressed.length;
    double variance = Math.max(0, squares / compressed.length - mean * mean);
    return mean + MARGIN * Math.sqrt(variance / compressed.length) <= most;
  }

  /**
   * Some of a list to be tested in turn, when the first are the most wanted and the last the
   * likeliest to keep the limit: after each half of what is left is passed over.
   */
  public static <T> List<T> ladder(List<T> models) {
    List<T> chosen = new ArrayList<>();
    for (int i = 0; i < models.size() && chosen.size() < MOST_TRIES; i = next(i, models.size())) {
      chosen.add(models.get(i));
    }
    return chosen;
  }

  static int next(int rung, int rungs) {
    return rung + Math.max(1, (rungs - rung) / 2);
  }

  /**
   * The test of one try, stricter for each further one.
   *
   * @param number of the tries before it
   */
  public DropEvidence attempt(int number) {
    return new DropEvidence(most, (1 - confidence) / Math.pow(2, number + 1));
  }

  /**
   * What came of testing some models in turn.
   *
   * @param model the index of the first that keeps the limit, or else of the one that loses least;
   *     -1 if there was none to test
   * @param drop of that model on the items tested; NaN if there was none
   * @param items on which it was tested
   * @param tries tests that were made
   */
  public record Tested(int model, boolean kept, double drop, int items, int tries) {}

  /**
   * Tests models in turn, none of which was chosen by the items that it is tested on.
   *
   * @param models how many there are
   * @param pairs gives a test the values of the original and of a model by its index
   */
  public Tested first(int models, ObjIntConsumer<DropEvidence> pairs) {
    Tested best = new Tested(-1, false, Double.NaN, 0, 0);
    for (int model = 0; model < models; model++) {
      DropEvidence test = attempt(model);
      pairs.accept(test, model);
      Tested found = new Tested(model, test.isKept(), test.drop(), test.pairs(), model + 1);
      if (found.kept()) {
        return found;
      }
      Tested better = best.model() < 0 || found.drop() < best.drop() ? found : best;
      best = new Tested(better.model(), false, better.drop(), better.items(), model + 1);
    }
    return best;
  }

  /** Gives a test the values of two models until it has seen enough. */
  public static DropEvidence test(
      OnnxGraph original, OnnxGraph model, Scoring scoring, DropEvidence test) {
    for (int from = 0; from < scoring.count() && !test.isKept(); from += CHUNK) {
      int to = Math.min(scoring.count(), from + CHUNK);
      double[] before = scoring.values(original, from, to);
      double[] after = scoring.values(model, from, to);
      test.addUntilKept(before, after);
    }
    return test;
  }

  /**
   * The ways to leave single layers as they are.
   *
   * @param form that compressed layers have
   * @param source makes one gene a layer, when it is first needed; where layers can have {@value
   *     LayerLadder#MILD} they are given that before they are left
   */
  public record Policies(String form, Supplier<CompressionPolicies> source) {}
}
