package dev.lathe.runs.slim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Noise;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MemberWeightsTest {
  private static final OnnxGraph ORIGINAL = JudgeTest.linear(1, 0, 0, 1);
  private static final OnnxGraph CLOSE = JudgeTest.linear(0.9f, 0, 0, 0.9f);
  private static final OnnxGraph WRONG = JudgeTest.linear(0, 1, 1, 0);
  private static final CalibrationData ITEMS = Noise.of(ORIGINAL, 64, 3);
  private static final Judge JUDGE = new Judge(ORIGINAL, ITEMS, new int[0]);

  @Test
  void trainingThatMakesWorse_isDropped() {
    MemberWeights weights = new MemberWeights(JUDGE, Optional.empty());
    MemberWeights.Best best = weights.best(CLOSE, _ -> WRONG);
    assertThat(best.weights()).isEqualTo(MemberWeights.REFITTED);
    assertThat(best.model()).isSameAs(CLOSE);
  }

  @Test
  void trainingThatMakesBetter_isKept() {
    MemberWeights weights = new MemberWeights(JUDGE, Optional.empty());
    MemberWeights.Best best = weights.best(CLOSE, _ -> ORIGINAL);
    assertThat(best.weights()).isEqualTo(MemberWeights.TRAINED);
    assertThat(best.score()).isEqualTo(new Judge.Score(1, 1));
  }

  @Test
  void normsOfAnotherNetwork_getStatisticsOfThisOne() {
    OnnxGraph original = normed(new float[] {0, 0}, new float[] {1, 1});
    OnnxGraph moved = normed(new float[] {3, -3}, new float[] {1, 25});
    Judge judge = new Judge(original, ITEMS, new int[0]);
    MemberWeights weights =
        new MemberWeights(judge, SlimData.rows(original, ITEMS, Long.MAX_VALUE));
    MemberWeights.Best best = weights.best(moved, model -> model);
    // Shifted by −3 and +3 the second class nearly always wins: right for about half of the items.
    assertThat(judge.of(moved).value()).isLessThan(0.75);
    assertThat(best.score().beats(judge.of(moved))).isTrue();
    float[] items = ITEMS.feed(original, 0, ITEMS.images()).get("x").floats();
    OnnxNode norm = best.model().producer("z").orElseThrow();
    for (int channel = 0; channel < 2; channel++) {
      double mean = mean(items, channel, 0);
      assertThat(best.model().initializer(norm.inputs().get(3)).orElseThrow().floats()[channel])
          .isCloseTo((float) mean, within(1e-5f));
      // of the items or of the population: a factor of 64 / 63
      assertThat(best.model().initializer(norm.inputs().get(4)).orElseThrow().floats()[channel])
          .isCloseTo((float) mean(items, channel, mean), withinPercentage(2));
    }
    assertThat(moved.initializer("mean").orElseThrow().floats()).containsExactly(3, -3);
  }

  /** The mean of a channel's values, or of their squared distances from a number other than 0. */
  private static double mean(float[] values, int channel, double from) {
    double sum = 0;
    for (int i = channel; i < values.length; i += 2) {
      sum += from == 0 ? values[i] : (values[i] - from) * (values[i] - from);
    }
    return 2 * sum / values.length;
  }

  private static OnnxGraph normed(float[] mean, float[] variance) {
    OnnxGraph graph = JudgeTest.linear(1, 0, 0, 1);
    graph.removeOutput("y");
    graph.addInitializer(TensorValue.floats("scale", new float[] {1, 1}, 2));
    graph.addInitializer(TensorValue.floats("shift", new float[] {0, 0}, 2));
    graph.addInitializer(TensorValue.floats("mean", mean, 2));
    graph.addInitializer(TensorValue.floats("variance", variance, 2));
    graph.add(
        OnnxNode.of(
            "BatchNormalization",
            "",
            List.of("y", "scale", "shift", "mean", "variance"),
            List.of("z")));
    graph.addOutput(JudgeTest.info("z"));
    return graph;
  }
}
