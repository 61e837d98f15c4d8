package dev.lathe.cli.compress;

import dev.lathe.compress.claim.Budget;
import dev.lathe.compress.policy.CompressionPolicies;
import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.Search;
import dev.lathe.space.Architecture;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Names the policy that costs least among those that keep a limit on what the score may lose. What
 * to try is chosen on the search's items, the limit is tested on others.
 */
final class PolicyLimit {
  private final Budget budget;
  private final PolicyJudge judge;
  private final Architecture untouched;
  private final Path out;

  PolicyLimit(Budget budget, PolicyJudge judge, CompressionPolicies policies, Path out) {
    this.budget = budget;
    this.judge = judge;
    this.untouched = policies.uniform(CompressionPolicies.FLOAT);
    this.out = out;
  }

  /**
   * What is said of it in reports.
   *
   * @param onnx file of the policy that keeps the limit, or else of the one that loses least; empty
   *     if none could be judged that compresses a layer
   * @param drop of the score, on the items tested
   */
  record Told(
      double maxDrop,
      double confidence,
      boolean kept,
      String onnx,
      double drop,
      int items,
      int tries) {
    String sentence() {
      return onnx.isEmpty()
          ? "no policy that compresses a layer could be judged"
          : "%s: a drop of at most %s is %s with confidence %s (%.4f on %d items)%s"
              .formatted(
                  onnx,
                  maxDrop,
                  kept ? "shown" : "NOT shown",
                  confidence,
                  drop,
                  items,
                  kept ? "" : "; nothing that was tried comes nearer");
    }
  }

  /**
   * Tests policies of a search, at most a few.
   *
   * @param cost metric by which the cheapest is wanted
   * @param front policies that have files
   */
  Told choose(Search search, String cost, Map<Architecture, PolicyCommand.Member> front) {
    List<Architecture> wanted =
        compressing(search.front())
            .sorted(Comparator.comparingDouble(one -> one.metrics().get(cost)))
            .map(Evaluation.Measured::architecture)
            .filter(policy -> judge.seemsKept(budget, policy))
            .toList();
    List<Architecture> tried = wanted.isEmpty() ? nearest(search) : Budget.ladder(wanted);
    Budget.Tested tested = budget.first(tried.size(), (test, i) -> judge.test(test, tried.get(i)));
    return new Told(
        budget.most(),
        budget.confidence(),
        tested.kept(),
        tested.model() < 0 ? "" : file(tried.get(tested.model()), front),
        tested.drop(),
        tested.items(),
        tested.tries());
  }

  /** Of all that was tried, what loses least on the search's items. */
  private List<Architecture> nearest(Search search) {
    return compressing(
            search.state().trials().stream()
                .flatMap(trial -> trial.result().stream())
                .filter(Evaluation.Measured.class::isInstance)
                .map(Evaluation.Measured.class::cast)
                .toList())
        .max(Comparator.comparingDouble(one -> one.metrics().get("accuracy")))
        .map(Evaluation.Measured::architecture)
        .stream()
        .toList();
  }

  private Stream<Evaluation.Measured> compressing(List<Evaluation.Measured> all) {
    return all.stream().filter(one -> !one.architecture().equals(untouched));
  }

  private String file(Architecture policy, Map<Architecture, PolicyCommand.Member> front) {
    PolicyCommand.Member member = front.get(policy);
    if (member != null) {
      return member.onnx();
    }
    Path file = out.resolve("policy-nearest.onnx");
    judge.file(policy).write(file);
    return file.toString();
  }
}
