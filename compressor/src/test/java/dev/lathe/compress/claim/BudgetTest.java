package dev.lathe.compress.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.MobileNetV2;
import dev.lathe.compress.Noise;
import dev.lathe.compress.calibration.CalibrationSource;
import dev.lathe.compress.policy.CompressionPolicies;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.onnx.OnnxGraph;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class BudgetTest {
  private static final OnnxGraph MODEL = MobileNetV2.random(0.25, 32, 10, 1);

  private static Budget.Outcome keep(double most, String recipe) {
    CalibrationSource source = CalibrationSource.open("noise:32", MODEL, 1);
    CompressionRecipe chosen = CompressionRecipe.named(recipe).orElseThrow();
    ScorePair scores = ScorePair.of(MODEL, source, Optional.empty());
    return new Budget(most, 0.95)
        .keep(
            MODEL,
            Compressor.apply(chosen, MODEL, source.data()).model(),
            new Budget.Policies(
                recipe, () -> CompressionPolicies.of(MODEL, List.of(chosen), source.data())),
            UnaryOperator.identity(),
            new Scoring.Agreement(MODEL, Noise.of(MODEL, 64, 7)),
            scores.test());
  }

  @Test
  void mildRecipe_keepsALimitWithAllLayers() {
    Budget.Outcome outcome = keep(0.1, "weights8");
    assertThat(outcome.kept()).isTrue();
    assertThat(outcome.left()).isEmpty();
    assertThat(outcome.tries()).isEqualTo(1);
  }

  @Test
  void harshRecipe_leavesLayersAsTheyAreOrSaysNo() {
    Budget.Outcome outcome = keep(0.2, "weights4");
    assertThat(outcome.drop()).isLessThan(outcome.kept() ? 0.2 : 1);
    if (outcome.left().isEmpty()) {
      assertThat(outcome.kept()).isTrue();
    }
  }

  @Test
  void fewItems_areRefusedWithTheNumberThatItTakes() {
    Scoring few = new Scoring.Agreement(MODEL, Noise.of(MODEL, 50, 7));
    assertThatThrownBy(
            () ->
                new Budget(0.01, 0.95)
                    .keep(
                        MODEL,
                        MODEL,
                        new Budget.Policies(
                            "int8",
                            () -> {
                              throw new IllegalStateException("not needed");
                            }),
                        UnaryOperator.identity(),
                        few,
                        few))
        .isInstanceOf(CompressionException.class)
        .hasMessageContaining("50 held-out items")
        .hasMessageContaining(Integer.toString(DropEvidence.leastPairs(0.01, 0.025)));
  }

  @Test
  void modelsInTurn_theFirstThatKeepsTheLimitIsTaken_byAStricterTestEachTime() {
    double[] before = new double[400];
    Arrays.fill(before, 1);
    double[][] after = new double[3][];
    for (int model = 0; model < 3; model++) {
      after[model] = before.clone();
      Arrays.fill(after[model], 0, model == 0 ? 200 : 0, 0);
    }
    Budget budget = new Budget(0.1, 0.95);
    Budget.Tested tested =
        budget.first(3, (test, model) -> test.addUntilKept(before, after[model]));
    assertThat(tested.model()).isEqualTo(1);
    assertThat(tested.kept()).isTrue();
    assertThat(tested.tries()).isEqualTo(2);
    assertThat(tested.items()).isEqualTo(DropEvidence.leastPairs(0.1, 0.0125));
  }

  @Test
  void modelsInTurn_ifNoneKeepsTheLimitTheNearestIsNamed() {
    double[] before = {1, 1, 1, 1};
    double[][] after = {{0, 0, 0, 0}, {1, 1, 1, 0}, {1, 0, 0, 1}};
    Budget budget = new Budget(0.1, 0.95);
    Budget.Tested tested =
        budget.first(3, (test, model) -> test.addUntilKept(before, after[model]));
    assertThat(tested).isEqualTo(new Budget.Tested(1, false, 0.25, 4, 3));
    assertThat(budget.first(0, (test, model) -> {}).model()).isEqualTo(-1);
  }

  @Test
  void ladder_endsNearTheSurest() {
    assertThat(Budget.ladder(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))).containsExactly(0, 5, 7, 8);
    assertThat(Budget.ladder(List.of(0, 1))).containsExactly(0, 1);
    assertThat(Budget.ladder(List.of())).isEmpty();
  }

  /** A drop that is a little too large passes at most as often as allowed; a small one mostly. */
  @Test
  void dropTest_errsNoMoreOftenThanItSays() {
    assertThat(passes(0.021, 3000)).isLessThan(0.05 + 0.03);
    assertThat(passes(0.005, 3000)).isGreaterThan(0.8);
    assertThat(passes(0.0, 3000)).isGreaterThan(0.98);
  }

  private static double passes(double drop, int items) {
    SplittableRandom random = new SplittableRandom(11);
    int passed = 0;
    int trials = 300;
    for (int trial = 0; trial < trials; trial++) {
      DropEvidence test = new DropEvidence(0.02, 0.05);
      for (int i = 0; i < items && !test.isKept(); i++) {
        double chance = random.nextDouble();
        // Some answers get better, more get worse.
        boolean better = chance < 0.02;
        boolean worse = chance > 1 - 0.02 - drop;
        test.add(better ? 0 : 1, worse ? 0 : 1);
      }
      passed += test.isKept() ? 1 : 0;
    }
    return passed / (double) trials;
  }
}
