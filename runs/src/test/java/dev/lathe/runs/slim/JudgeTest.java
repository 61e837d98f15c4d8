package dev.lathe.runs.slim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Noise;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class JudgeTest {
  static OnnxGraph linear(float... weights) {
    OnnxGraph graph = OnnxGraph.create("linear", 17);
    graph.addInput(info("x"));
    graph.addInitializer(TensorValue.floats("w", weights, 2, 2));
    graph.add(
        OnnxNode.of("Gemm", "fc", List.of("x", "w"), List.of("y"), Attribute.integer("transB", 1)));
    graph.addOutput(info("y"));
    return graph;
  }

  static ValueInfo info(String name) {
    return new ValueInfo(
        name, ElementType.FLOAT, List.of(new Dimension.Symbolic("N"), new Dimension.Fixed(2)));
  }

  private static final OnnxGraph ORIGINAL = linear(1, 0, 0, 1);

  private static CalibrationData items() {
    return Noise.of(ORIGINAL, 50, 3);
  }

  @Test
  void theOriginal_agreesWithItself() {
    Judge judge = new Judge(ORIGINAL, items(), new int[0]);
    assertThat(judge.name()).isEqualTo("top-1 agreement");
    assertThat(judge.of(ORIGINAL)).isEqualTo(new Judge.Score(1, 1));
  }

  @Test
  void oppositeAnswers_agreeNowhere() {
    Judge judge = new Judge(ORIGINAL, items(), new int[0]);
    assertThat(judge.of(linear(0, 1, 1, 0)).value()).isZero();
    assertThat(judge.of(linear(0.5f, 0, 0, 0.5f)).closeness()).isCloseTo(0.5, within(1e-5));
    assertThat(judge.of(linear(0.5f, 0, 0, 0.5f)).value()).isEqualTo(1);
  }

  @Test
  void labels_countInsteadOfTheOriginalsAnswers() {
    int[] labels = new int[50]; // all of the first class
    Judge judge = new Judge(ORIGINAL, items(), labels);
    assertThat(judge.name()).isEqualTo("accuracy");
    OnnxGraph alwaysFirst = linear(0, 0, 0, 0);
    assertThat(judge.of(alwaysFirst).value()).isEqualTo(1);
    assertThat(judge.of(ORIGINAL).value()).isBetween(0.2, 0.8);
  }

  @Test
  void valuesOfItems_haveTheScoreAsMean() {
    int[] labels = new int[50];
    Judge judge = new Judge(ORIGINAL, items(), labels);
    assertThat(Arrays.stream(judge.values(ORIGINAL)).average().orElseThrow())
        .isCloseTo(judge.of(ORIGINAL).value(), within(1e-12));
    Judge agreement = new Judge(ORIGINAL, items(), new int[0]);
    assertThat(agreement.values(ORIGINAL)).hasSize(50).containsOnly(1);
    assertThat(agreement.values(linear(0, 1, 1, 0))).containsOnly(0);
  }
}
