package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SinglePrecisionTest {
  private static final float[] WEIGHTS = new float[64];

  static {
    for (int i = 0; i < WEIGHTS.length; i++) {
      WEIGHTS[i] = (i % 9 - 4) / 8f;
    }
  }

  private static OnnxGraph graph() {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    List<Dimension> shape = List.of(Dimension.of("N"), Dimension.of(8));
    graph.addInput(new ValueInfo("x", ElementType.FLOAT16, shape));
    graph.addInitializer(TensorValue.halves("w", WEIGHTS, 8, 8));
    graph.add(OnnxNode.of("MatMul", "", List.of("x", "w"), List.of("y")));
    graph.addOutput(new ValueInfo("y", ElementType.FLOAT16, shape));
    return graph;
  }

  private static float[] run(OnnxGraph graph) {
    try (OrtModel model = OrtModel.open(graph.toBytes(), OrtModel.Options.DEPLOYED)) {
      float[] input = {1, 2, 3, 4, 5, 6, 7, 8};
      TensorValue out = model.run(Map.of("x", TensorValue.halves("x", input, 1, 8))).get("y");
      assertThat(out.type()).isEqualTo(ElementType.FLOAT16);
      return out.floats();
    }
  }

  @Test
  void widenedModel_computesTheSameAndKeepsItsInterface() {
    OnnxGraph wide = graph();
    SinglePrecision.widen(wide);
    assertThat(wide.initializer("w").orElseThrow().type()).isEqualTo(ElementType.FLOAT);
    assertThat(wide.inputs()).isEqualTo(graph().inputs());
    assertThat(wide.outputs()).isEqualTo(graph().outputs());
    assertThat(run(wide)).isEqualTo(run(graph()));
  }

  @Test
  void narrowedWeights_takeAsManyBytesAsBefore() {
    OnnxGraph wide = graph();
    SinglePrecision.widen(wide);
    wide.addInitializer(TensorValue.floats("other", new float[] {0.1f, 0.2f}, 2));
    assertThat(SinglePrecision.narrow(wide, ElementType.FLOAT16)).isEqualTo(1);
    assertThat(wide.initializers())
        .filteredOn(tensor -> tensor.elements() == 64)
        .singleElement()
        .satisfies(tensor -> assertThat(tensor.type()).isEqualTo(ElementType.FLOAT16));
    assertThat(run(wide)).isEqualTo(run(graph()));
  }
}
