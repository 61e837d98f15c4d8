package dev.lathe.compress.claim;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.policy.CompressionPolicies;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Models from all layers compressed to one. On the first rungs one layer more each, the worst
 * first, has a milder form where there is one; on the others one more each is left as it is.
 */
final class LayerLadder {
  /** The form that loses least. */
  static final String MILD = "weights8";

  /**
   * A model to try.
   *
   * @param mild layers that have the milder form
   * @param left layers that are left as they are
   */
  record Candidate(OnnxGraph model, List<String> mild, List<String> left) {}

  private final Budget budget;
  private final OnnxGraph full;
  private final Budget.Policies source;
  private final UnaryOperator<OnnxGraph> finish;
  private final Scoring choice;
  private final double[] reference;
  private List<Integer> worstFirst = List.of();
  private @Nullable CompressionPolicies policies;
  private String obstacle = "";

  LayerLadder(
      Budget budget,
      OnnxGraph full,
      Budget.Policies source,
      UnaryOperator<OnnxGraph> finish,
      Scoring choice,
      double[] reference) {
    this.budget = budget;
    this.full = full;
    this.source = source;
    this.finish = finish;
    this.choice = choice;
    this.reference = reference;
  }

  /** The lowest rung that seems to keep a limit; the number of rungs if none does. */
  int first() {
    if (seemsKept(full)) {
      return 0;
    }
    prepare();
    int low = 1;
    int high = rungs();
    while (low < high) {
      int middle = (low + high) / 2;
      if (seemsKept(at(middle).model())) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  int rungs() {
    return Math.max(1, worstFirst.size() + mildRungs());
  }

  /** Rungs on which layers have the milder form, the last of all of them. */
  private int mildRungs() {
    return worstFirst.stream().anyMatch(layer -> mild(layer) > 0) ? worstFirst.size() : 0;
  }

  /** The choice of the milder form for a layer; 0 where it has none but to be left. */
  private int mild(int layer) {
    return policies == null || source.form().equals(MILD)
        ? 0
        : Math.max(0, policies.genes().get(layer).choices().indexOf(MILD));
  }

  int next(int rung) {
    prepare();
    return Budget.next(rung, rungs());
  }

  Candidate at(int rung) {
    if (rung <= 0 || policies == null) {
      return new Candidate(full, List.of(), List.of());
    }
    List<String> milder = new ArrayList<>();
    List<String> left = new ArrayList<>();
    int[] choices = choices();
    for (int place = 0; place < Math.min(rung, worstFirst.size()); place++) {
      int layer = worstFirst.get(place);
      choices[layer] = place < rung - mildRungs() ? 0 : mild(layer);
      (choices[layer] == 0 ? left : milder).add(policies.genes().get(layer).name());
    }
    return new Candidate(finish.apply(policies.apply(Architecture.of(choices))), milder, left);
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
        OnnxGraph alone = finish.apply(policies.apply(Architecture.of(only)));
        drops[layer] = -Arrays.stream(choice.values(alone, 0, choice.count())).sum();
        order.add(layer);
      }
    }
    order.sort(Comparator.comparingDouble((Integer layer) -> -drops[layer]));
    worstFirst = order;
  }

  private boolean seemsKept(OnnxGraph model) {
    return budget.seemsKept(reference, choice.values(model, 0, choice.count()));
  }

  String described(Candidate candidate, String score) {
    if (!obstacle.isEmpty()) {
      return "by %s; single layers cannot be left as they are (%s)".formatted(score, obstacle);
    }
    StringBuilder text = new StringBuilder("by ").append(score);
    if (!candidate.mild().isEmpty()) {
      text.append(
          ", %d of %d layers as %s: %s"
              .formatted(candidate.mild().size(), worstFirst.size(), MILD, candidate.mild()));
    }
    text.append(
        candidate.left().isEmpty()
            ? ", all layers compressed"
            : ", %d of %d layers left as they are: %s"
                .formatted(candidate.left().size(), worstFirst.size(), candidate.left()));
    return text.toString();
  }
}
