package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CostReportTest {
  @Test
  void smallNetwork_costsWhatIsCountedByHand() {
    CostReport cost = CostReport.of(SmallModels.convolutional(), 2);

    assertThat(cost.macs()).isEqualTo(2 * (4 * 64 * 27) + 2 * 5 * 4);
    assertThat(cost.parameters()).isEqualTo(4 * 27 + 4 + 20 + 5);
    assertThat(cost.parameterBytes()).isEqualTo(4 * cost.parameters());
    assertThat(cost.activationBytes()).isEqualTo(2 * 4 * (4 * 64 + 4 * 64 + 4 + 4 + 5));
    // The ReLU runs with its input and its output alive; the network's input is dead by then.
    assertThat(cost.peakActivationBytes()).isEqualTo(2 * 4 * (2 * 4 * 64));
    assertThat(cost.nodes()).hasSize(5);
    assertThat(cost.nodes().getFirst().liveBytes()).isEqualTo(2 * 4 * (3 * 64 + 4 * 64));
  }

  @Test
  void residual_keepsTheShortcutAlive() {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    List<Dimension> shape = List.of(Dimension.of("N"), Dimension.of(100));
    graph.addInput(new ValueInfo("x", ElementType.FLOAT, shape));
    graph.add(OnnxNode.of("Relu", "a", List.of("x"), List.of("s")));
    graph.add(OnnxNode.of("Neg", "b", List.of("s"), List.of("t")));
    graph.add(OnnxNode.of("Abs", "c", List.of("t"), List.of("u")));
    graph.add(OnnxNode.of("Add", "d", List.of("s", "u"), List.of("y")));
    graph.addOutput(new ValueInfo("y", ElementType.FLOAT, shape));

    CostReport cost = CostReport.of(graph, 1);

    assertThat(cost.nodes())
        .extracting(NodeCost::liveBytes)
        .containsExactly(800L, 800L, 1200L, 1200L);
    assertThat(cost.peakActivationBytes()).isEqualTo(1200);
  }

  @Test
  void weightsWithoutElements_areCosted() {
    OnnxGraph graph = SmallModels.convolutional();
    graph.addInitializer(TensorValue.shapeOnly("w", ElementType.FLOAT, 4, 3, 3, 3));
    assertThat(CostReport.of(graph, 2)).isEqualTo(CostReport.of(SmallModels.convolutional(), 2));
  }

  @Test
  void sequencesOfTensors_areNotCounted() {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    List<Dimension> shape = List.of(Dimension.of(2), Dimension.of(5));
    graph.addInput(new ValueInfo("x", ElementType.FLOAT, shape));
    graph.addInitializer(TensorValue.int64("first", new long[] {0}));
    graph.add(OnnxNode.of("SequenceConstruct", "all", List.of("x", "x"), List.of("s")));
    graph.add(OnnxNode.of("SequenceAt", "one", List.of("s", "first"), List.of("y")));
    graph.addOutput(new ValueInfo("y", ElementType.FLOAT, shape));
    TensorType type = new TensorType(ElementType.FLOAT, 2, 5);
    CostReport cost = CostReport.cost(graph, Map.of("x", type, "y", type));
    assertThat(cost.nodes()).extracting(NodeCost::outputBytes).containsExactly(0L, 40L);
    assertThat(cost.peakActivationBytes()).isEqualTo(40);
  }

  @Test
  void symbolWithoutSize_isNamed() {
    assertThatThrownBy(() -> CostReport.of(SmallModels.convolutional(), Map.of("M", 1L)))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("'N'")
        .hasMessageContaining("input");
  }

  @Test
  void mismatchedWeights_nameTheNode() {
    OnnxGraph graph = SmallModels.convolutional();
    graph.addInitializer(TensorValue.floats("w", new float[4 * 2 * 9], 4, 2, 3, 3));
    assertThatThrownBy(() -> CostReport.of(graph, 1))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("'conv'")
        .hasMessageContaining("3 input channels");
  }

  @Test
  void shapesBuiltFromShapes_areFollowed() {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    graph.addInput(
        new ValueInfo(
            "x", ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of(6), Dimension.of(4))));
    graph.addInitializer(TensorValue.int64("zero", new long[] {0}, 1));
    graph.addInitializer(TensorValue.int64("minus", new long[] {-1}, 1));
    graph.add(OnnxNode.of("Shape", "shape", List.of("x"), List.of("s")));
    graph.add(OnnxNode.of("Gather", "batch", List.of("s", "zero"), List.of("n")));
    graph.add(
        OnnxNode.of(
            "Concat",
            "target",
            List.of("n", "minus"),
            List.of("to"),
            Attribute.integer("axis", 0)));
    graph.add(OnnxNode.of("Reshape", "reshape", List.of("x", "to"), List.of("y")));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));

    assertThat(ShapeInference.infer(graph, 5).get("y"))
        .isEqualTo(new TensorType(ElementType.FLOAT, 5, 24));
  }
}
