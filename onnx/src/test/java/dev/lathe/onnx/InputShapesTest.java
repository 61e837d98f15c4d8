package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InputShapesTest {
  private static OnnxGraph graph(Dimension... dimensions) {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    graph.addInput(new ValueInfo("x", ElementType.FLOAT, List.of(dimensions)));
    graph.add(OnnxNode.of("Relu", "", List.of("x"), List.of("y")));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    return graph;
  }

  private static Dimension fixed(long size) {
    return Dimension.of(size);
  }

  private static Dimension open(String name) {
    return Dimension.of(name);
  }

  @Test
  void openDimensions_haveDefaultsThatAreNamed() {
    OnnxGraph graph = graph(open("N"), fixed(3), open("H"), open("W"));
    InputShapes shapes = InputShapes.of(graph, Map.of("H", 96L));
    assertThat(shapes.types(graph, 2).get("x").dims()).containsExactly(2, 3, 96, 224);
    assertThat(shapes.defaults()).containsExactly("W");
    assertThat(shapes.described(graph, 1).getFirst())
        .contains("[1, 3, 96, 224]", "W by default", "--size W=N");
  }

  @Test
  void dimensionWithoutName_goesByInputAndAxis() {
    OnnxGraph graph = OnnxGraph.parse(graph(open("N"), fixed(3), open("x[2]")).toBytes());
    InputShapes shapes = InputShapes.of(graph, Map.of("x[2]", 7L));
    assertThat(shapes.types(graph, 1).get("x").dims()).containsExactly(1, 3, 7);
  }

  @Test
  void sizeOfMinusOne_isAnOpenDimensionAndIsMended() throws Exception {
    byte[] bytes = graph(fixed(5), fixed(3)).toBytes();
    var model = ai.onnx.proto.OnnxMl.ModelProto.parseFrom(bytes).toBuilder();
    model
        .getGraphBuilder()
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(0)
        .setDimValue(-1);
    OnnxGraph graph = OnnxGraph.parse(model.build().toByteArray());
    assertThat(InputShapes.names(graph)).containsExactly("x[0]");
    assertThat(graph.repair()).containsExactly("dimensions of -1 are open ones");
    var mended = ai.onnx.proto.OnnxMl.ModelProto.parseFrom(graph.toBytes());
    assertThat(
            mended
                .getGraph()
                .getInput(0)
                .getType()
                .getTensorType()
                .getShape()
                .getDim(0)
                .hasDimValue())
        .isFalse();
  }

  @Test
  void unknownName_isRefusedWithThoseThatThereAre() {
    OnnxGraph graph = graph(open("N"), open("T"));
    assertThatThrownBy(() -> InputShapes.of(graph, Map.of("S", 3L)))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("'S'")
        .hasMessageContaining("N, T");
    assertThatThrownBy(() -> InputShapes.of(graph, Map.of("T", 0L))).hasMessageContaining("'T'");
  }

  @Test
  void batch_isThatOfTheModelOrOfWhatWasSaid() {
    assertThat(InputShapes.batch(graph(fixed(4), fixed(3)))).isEqualTo(4);
    OnnxGraph free = graph(open("N"), fixed(3));
    assertThat(InputShapes.batch(free)).isZero();
    free.assume(InputShapes.of(free, Map.of("N", 6L)).sizes());
    assertThat(InputShapes.batch(free)).isEqualTo(6);
    OnnxGraph mixed = graph(open("N"), fixed(3));
    mixed.addInput(new ValueInfo("state", ElementType.FLOAT, List.of(fixed(2), fixed(3))));
    assertThat(InputShapes.batch(mixed)).isEqualTo(1);
  }

  @Test
  void smallerDefaults_followForModelsThatTakeOnlyLess() {
    OnnxGraph graph = graph(open("N"), open("T"));
    assertThat(InputShapes.candidates(graph, Map.of()).stream().map(s -> s.sizes().get("T")))
        .containsExactly(64L, 32L, 16L, 8L, 4L);
    assertThat(InputShapes.candidates(graph, Map.of("T", 5L))).hasSize(1);
  }
}
