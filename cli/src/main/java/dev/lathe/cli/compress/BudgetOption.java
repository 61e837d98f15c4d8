package dev.lathe.cli.compress;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.ForeignModel;
import dev.lathe.compress.calibration.CalibrationSource;
import dev.lathe.compress.claim.Budget;
import dev.lathe.compress.claim.ScorePair;
import dev.lathe.compress.policy.CompressionPolicies;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.CompressionStep;
import dev.lathe.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much of a score may be lost. */
public final class BudgetOption {
  @Option(
      names = "--max-drop",
      paramLabel = "D",
      description = {
        "the most that the score may lose, for example 0.01: layers are left as they are until"
            + " that",
        "holds on held-out items; code 3 if it cannot be had"
      })
  private @Nullable Double maxDrop;

  @Option(
      names = "--confidence",
      defaultValue = "0.95",
      paramLabel = "C",
      description = "with which --max-drop holds (default: ${DEFAULT-VALUE})")
  private double confidence = 0.95;

  @Option(
      names = "--score",
      paramLabel = "COMMAND",
      description = {
        "a program of your own instead of accuracy (or, without labels, agreement with the"
            + " original):",
        "it reads OUTPUT.npy, inputs/INPUT.npy and labels.npy in the folder $LATHE_OUTPUTS and"
            + " prints",
        "a number from 0 to 1, larger is better"
      })
  private @Nullable String score;

  /**
   * What is said of it in reports.
   *
   * @param drop of the score, on the items tested
   * @param left layers that were left as they are
   */
  record Told(
      double maxDrop,
      double confidence,
      boolean kept,
      double drop,
      int items,
      int tries,
      List<String> left,
      String note) {}

  /** The limit, if one was set. */
  Optional<Budget> budget() {
    Double most = maxDrop;
    return most == null ? Optional.empty() : Optional.of(new Budget(most, confidence));
  }

  /** A program that computes the score, if one was named. */
  Optional<String> command() {
    return Optional.ofNullable(score);
  }

  /** The smallest model that keeps the limit, or the best found. */
  Budget.Outcome keep(
      ForeignModel foreign, CalibrationSource source, CompressionRecipe recipe, OnnxGraph full) {
    ScorePair scores = ScorePair.of(foreign.graph(), source, command());
    boolean integer =
        recipe.steps().stream()
            .anyMatch(
                step ->
                    step instanceof CompressionStep.Int8 || step instanceof CompressionStep.Mixed);
    return budget()
        .orElseThrow()
        .keep(
            foreign.graph(),
            full,
            new Budget.Policies(
                integer ? CompressionPolicies.INTEGER : recipe.name(),
                () -> policies(foreign.graph(), integer ? List.of() : List.of(recipe), source)),
            foreign::finished,
            scores.choice(),
            scores.test());
  }

  /** With a milder form for each layer, where the model allows it. */
  private static CompressionPolicies policies(
      OnnxGraph graph, List<CompressionRecipe> recipes, CalibrationSource source) {
    List<CompressionRecipe> milder = new ArrayList<>(recipes);
    CompressionRecipe.named("weights8")
        .filter(mild -> !recipes.contains(mild))
        .ifPresent(milder::add);
    try {
      return CompressionPolicies.of(graph, milder, source.data());
    } catch (CompressionException e) {
      return CompressionPolicies.of(graph, recipes, source.data());
    }
  }

  Told told(Budget.Outcome outcome) {
    Budget budget = budget().orElseThrow();
    return new Told(
        budget.most(),
        budget.confidence(),
        outcome.kept(),
        outcome.drop(),
        outcome.items(),
        outcome.tries(),
        outcome.left(),
        outcome.note());
  }
}
