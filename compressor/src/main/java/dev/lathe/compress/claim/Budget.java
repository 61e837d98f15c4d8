package dev.lathe.compress.claim;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.policy.CompressionPolicies;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Compresses as far as a score's drop stays within a limit. What to try is chosen on some items:
 * all layers compressed, then fewer, those that harm most left as they are. Whether the limit is
 * kept is then tested on others, which nothing was chosen by; each further try must pass a stricter
 * test, so that all together let a larger drop pass with the stated probability at most.
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

  /** A model to try. */
  private record Candidate(OnnxGraph model, List<String> left) {}

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
    Ladder ladder = new Ladder(full, policies, finish, choice, reference);
    int rung = ladder.first(most);
    @Nullable Outcome best = null;
    for (int attempt = 0; attempt < MOST_TRIES && rung < ladder.rungs(); attempt++) {
      Candidate candidate = ladder.at(rung);
      DropTest result = test(original, candidate.model(), test, attempt(attempt));
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
      Candidate last = ladder.at(ladder.rungs() - 1);
      DropTest result = test(original, last.model(), test, attempt(0));
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
    int least = DropTest.leastPairs(most, (1 - confidence) / 2);
    if (items < least) {
      throw new CompressionException(
          "%d held-out items cannot show a drop of at most %s with confidence %s: even without any difference it takes %d. Maybe use more data, or allow more."
              .formatted(items, most, confidence, least));
    }
  }

  /**
   * The test of one try, stricter for each further one.
   *
   * @param number of the tries before it
   */
  public DropTest attempt(int number) {
    return new DropTest(most, (1 - confidence) / Math.pow(2, number + 1));
  }

  private static DropTest test(
      OnnxGraph original, OnnxGraph model, Scoring scoring, DropTest test) {
    for (int from = 0; from < scoring.count() && !test.isKept(); from += CHUNK) {
      int to = Math.min(scoring.count(), from + CHUNK);
      double[] before = scoring.values(original, from, to);
      double[] after = scoring.values(model, from, to);
      for (int i = 0; i < before.length && !test.isKept(); i++) {
        test.add(before[i], after[i]);
      }
    }
    return test;
  }

  /**
   * The ways to leave single layers as they are.
   *
   * @param form that compressed layers have
   * @param source makes one gene a layer, when it is first needed
   */
  public record Policies(String form, Supplier<CompressionPolicies> source) {}

  /** Models from all layers compressed to one: on rung k the k worst are left as they are. */
  private static final class Ladder {
    private final OnnxGraph full;
    private final Policies source;
    private final UnaryOperator<OnnxGraph> finish;
    private final Scoring choice;
    private final double[] reference;
    private List<Integer> worstFirst = List.of();
    private @Nullable CompressionPolicies policies;
    private String obstacle = "";

    Ladder(
        OnnxGraph full,
        Policies source,
        UnaryOperator<OnnxGraph> finish,
        Scoring choice,
        double[] reference) {
      this.full = full;
      this.source = source;
      this.finish = finish;
      this.choice = choice;
      this.reference = reference;
    }

    /** The lowest rung that seems to keep a limit; the number of rungs if none does. */
    int first(double most) {
      if (seemsKept(full, most)) {
        return 0;
      }
      prepare();
      int low = 1;
      int high = rungs();
      while (low < high) {
        int middle = (low + high) / 2;
        if (seemsKept(at(middle).model(), most)) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return low;
    }

    int rungs() {
      return Math.max(1, worstFirst.size());
    }

    int next(int rung) {
      prepare();
      return rung + Math.max(1, (rungs() - rung) / 2);
    }

    Candidate at(int rung) {
      if (rung <= 0 || policies == null) {
        return new Candidate(full, List.of());
      }
      List<String> left = new ArrayList<>();
      int[] choices = choices();
      for (int layer : worstFirst.subList(0, rung)) {
        choices[layer] = 0;
        left.add(policies.genes().get(layer).name());
      }
      return new Candidate(finish.apply(policies.apply(Architecture.of(choices))), left);
    }

    /** Every layer compressed that can be. */
    private int[] choices() {
      Architecture uniform = policies.uniform(source.form());
      int[] choices = new int[policies.genes().size()];
      for (int i = 0; i < choices.length; i++) {
        choices[i] = uniform.choice(i);
      }
      return choices;
    }

    private void prepare() {
      if (policies != null || !obstacle.isEmpty()) {
        return;
      }
      try {
        policies = source.source().get();
      } catch (CompressionException e) {
        obstacle = String.valueOf(e.getMessage());
        return;
      }
      int[] all = choices();
      double[] drops = new double[all.length];
      List<Integer> order = new ArrayList<>();
      for (int layer = 0; layer < all.length; layer++) {
        if (all[layer] > 0) {
          int[] only = new int[all.length];
          only[layer] = all[layer];
          drops[layer] = drop(finish.apply(policies.apply(Architecture.of(only))))[0];
          order.add(layer);
        }
      }
      order.sort(Comparator.comparingDouble((Integer layer) -> -drops[layer]));
      worstFirst = order;
    }

    private boolean seemsKept(OnnxGraph model, double most) {
      double[] drop = drop(model);
      return drop[0] + MARGIN * drop[1] <= most;
    }

    /** Mean drop and its standard error. */
    private double[] drop(OnnxGraph model) {
      double[] after = choice.values(model, 0, choice.count());
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < after.length; i++) {
        double drop = reference[i] - after[i];
        sum += drop;
        squares += drop * drop;
      }
      double mean = sum / after.length;
      double variance = Math.max(0, squares / after.length - mean * mean);
      return new double[] {mean, Math.sqrt(variance / after.length)};
    }

    String described(Candidate candidate, String score) {
      if (!obstacle.isEmpty()) {
        return "by %s; single layers cannot be left as they are (%s)".formatted(score, obstacle);
      }
      return candidate.left().isEmpty()
          ? "by %s, all layers compressed".formatted(score)
          : "by %s, %d of %d layers left as they are: %s"
              .formatted(score, candidate.left().size(), rungs(), candidate.left());
    }
  }
}
