package dev.lathe.compress.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.CompressionException;
import dev.lathe.compress.MobileNetV2;
import dev.lathe.compress.Networks;
import dev.lathe.compress.OutputComparison;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.space.Architecture;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class CompressionPoliciesTest {
  private static final OnnxGraph MODEL = Networks.mobile(1);
  private static final CalibrationData DATA = MobileNetV2.noise(28, 24, 2);
  private static final CompressionPolicies POLICIES =
      policies("int8", "weights8", "weights4", "low-rank", "codebook");

  private static CompressionPolicies policies(String... recipes) {
    return CompressionPolicies.of(
        MODEL,
        List.of(recipes).stream().map(name -> CompressionRecipe.known().get(name)).toList(),
        DATA);
  }

  private static double decibels(OnnxGraph model) {
    return OutputComparison.of(MODEL, model, DATA, 8).outputDecibels();
  }

  @Test
  void leavingAllLayers_changesNothing() {
    assertThat(decibels(POLICIES.apply(POLICIES.uniform("float32")))).isGreaterThan(90);
  }

  @Test
  void mixtures_runAndAreNoWorseThanTheirParts() {
    double worst =
        POLICIES.formNames().stream()
            .mapToDouble(form -> decibels(POLICIES.apply(POLICIES.uniform(form))))
            .min()
            .orElseThrow();
    RandomGenerator random = new SplittableRandom(3);
    for (int i = 0; i < 12; i++) {
      Architecture policy = POLICIES.sample(random);
      assertThat(decibels(POLICIES.apply(policy)))
          .as("%s", POLICIES.describe(policy))
          .isGreaterThan(worst - 3);
    }
  }

  @Test
  void oneLayerOfEachForm_isTheOnlyOneThatChanges() {
    Architecture floats = POLICIES.uniform("float32");
    for (int gene = 0; gene < POLICIES.genes().size(); gene++) {
      for (int choice = 1; choice < POLICIES.genes().get(gene).size(); choice++) {
        String form = POLICIES.genes().get(gene).choices().get(choice);
        OnnxGraph graph = POLICIES.apply(floats.with(gene, choice));
        long plain = weighted(graph).filter(node -> hasConstantWeight(graph, node)).count();
        if (!form.equals("low-rank")) {
          assertThat(weighted(graph).count() - plain).as(form).isEqualTo(1);
        }
        OnnxGraph.parse(graph.toBytes());
      }
    }
  }

  private static java.util.stream.Stream<OnnxNode> weighted(OnnxGraph graph) {
    return graph.nodes().stream()
        .filter(node -> List.of("Conv", "Gemm", "MatMul", "MatMulNBits").contains(node.opType()));
  }

  private static boolean hasConstantWeight(OnnxGraph graph, OnnxNode node) {
    return !node.opType().equals("MatMulNBits")
        && graph.initializer(node.inputs().get(1)).isPresent();
  }

  @Test
  void fewerBits_fewerBytes() {
    int all = POLICIES.apply(POLICIES.uniform("float32")).toBytes().length;
    int eight = POLICIES.apply(POLICIES.uniform("weights8")).toBytes().length;
    assertThat(eight).isLessThan(all / 2);
  }

  @Test
  void modelWithoutWeights_isRefused() {
    OnnxGraph empty = MODEL.copy();
    for (OnnxNode node : List.copyOf(empty.nodes())) {
      if (node.isOneOf("Conv", "Gemm")) {
        empty.replace(
            node,
            List.of(
                OnnxNode.of(
                    "Relu", "", List.of(node.inputs().getFirst()), List.of(node.output()))));
      }
    }
    assertThatThrownBy(() -> CompressionPolicies.of(empty, List.of(), DATA))
        .isInstanceOf(CompressionException.class);
  }
}
