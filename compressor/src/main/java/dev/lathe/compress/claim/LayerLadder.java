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

/** Models from all layers compressed to one: on rung k the k worst are left as they are. */
final class LayerLadder {
  /** A model to try. */
  record Candidate(OnnxGraph model, List<String> left) {}

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
    return Math.max(1, worstFirst.size());
  }

  int next(int rung) {
    prepare();
    return Budget.next(rung, rungs());
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
    return candidate.left().isEmpty()
        ? "by %s, all layers compressed".formatted(score)
        : "by %s, %d of %d layers left as they are: %s"
            .formatted(score, candidate.left().size(), rungs(), candidate.left());
  }
}
