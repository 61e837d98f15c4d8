package dev.lathe.runs.stages;

import dev.lathe.compress.claim.Budget;
import dev.lathe.data.LabelledImages;
import dev.lathe.metric.Direction;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.SearchRequest.Goal;
import dev.lathe.runs.stages.Measuring.MeasuredNetwork;
import dev.lathe.supernet.Evaluator;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Names the written network that costs least among those that are shown to be hardly less accurate
 * than the trained model that was cut. What to test is chosen on validation images, the limit is
 * tested on test images, pair by pair.
 */
final class DropLimit {
  private final Run run;
  private final Budget budget;
  private final List<MeasuredNetwork> networks;

  private DropLimit(Run run, Budget budget, List<MeasuredNetwork> networks) {
    this.run = run;
    this.budget = budget;
    this.networks = networks;
  }

  /**
   * What is said of it in reports.
   *
   * @param member the one that keeps the limit, or else the one that loses least of those tested;
   *     empty if none keeps the constraints
   * @param drop of its accuracy on the images tested; null if none was
   */
  record Told(
      double maxDrop,
      double confidence,
      boolean kept,
      String member,
      @Nullable Double drop,
      int items,
      int tries) {
    String sentence() {
      return member.isEmpty()
          ? "No network that keeps the constraints could be tested for a drop of at most %s."
              .formatted(maxDrop)
          : "%s: a drop of the accuracy of at most %s is %s with confidence %s (%.4f on %d test images)."
              .formatted(member, maxDrop, kept ? "shown" : "NOT shown", confidence, drop, items);
    }
  }

  /** Chooses among all written networks but the model itself. */
  static Told told(Run run, Budget budget, List<MeasuredNetwork> networks) {
    return new DropLimit(run, budget, networks).told();
  }

  private Told told() {
    byte[] original = run.store().content(Finishing.key(CutMembers.ORIGINAL, Form.FLOAT32));
    List<MeasuredNetwork> tried = chosen(original);
    Budget.Tested tested;
    try (Evaluator test = evaluator(run.data().test())) {
      double[] before = right(test, original);
      tested =
          budget.first(
              tried.size(),
              (pairs, i) -> pairs.addUntilKept(before, right(test, content(tried.get(i)))));
    }
    return new Told(
        budget.most(),
        budget.confidence(),
        tested.kept(),
        tested.model() < 0 ? "" : tried.get(tested.model()).artifact().record().key(),
        tested.model() < 0 ? null : tested.drop(),
        tested.items(),
        tested.tries());
  }

  /** The cheapest that leave hope on validation images, or else the most accurate there. */
  private List<MeasuredNetwork> chosen(byte[] original) {
    List<MeasuredNetwork> others =
        networks.stream()
            .filter(
                one ->
                    !one.artifact()
                        .record()
                        .key()
                        .equals(Finishing.key(CutMembers.ORIGINAL, Form.FLOAT32)))
            .filter(one -> run.problem().complete(one.figures()))
            .filter(one -> run.problem().feasible(one.figures()))
            .sorted(Comparator.comparingDouble(cost()))
            .toList();
    try (Evaluator validation = evaluator(run.data().validation())) {
      double[] before = right(validation, original);
      List<MeasuredNetwork> hopeful =
          others.stream()
              .filter(one -> budget.seemsKept(before, right(validation, content(one))))
              .toList();
      if (!hopeful.isEmpty()) {
        return Budget.ladder(hopeful);
      }
    }
    return others.stream()
        .max(
            Comparator.comparingDouble(
                one -> one.artifact().record().validationAccuracy().orElse(0)))
        .stream()
        .toList();
  }

  /** The first objective that is minimized; the first device's latency if there is none. */
  private ToDoubleFunction<MeasuredNetwork> cost() {
    List<Goal> goals = run.request().objectives();
    for (int i = 0; i < goals.size(); i++) {
      int objective = i;
      if (goals.get(i).direction() == Direction.MINIMIZE) {
        return network -> run.problem().costs(network.figures()).get(objective);
      }
    }
    return MeasuredNetwork::p50Millis;
  }

  private Evaluator evaluator(LabelledImages images) {
    return new Evaluator(
        run.lessons(),
        1,
        images,
        run.data().normalization(),
        run.data().classes().size(),
        run.streams(),
        run.workers());
  }

  private double[] right(Evaluator evaluator, byte[] file) {
    run.control().checkpoint();
    return evaluator.right(file, Evaluator.side(OnnxGraph.parse(file)));
  }

  private byte[] content(MeasuredNetwork network) {
    return run.store().content(network.artifact().record().key());
  }
}
