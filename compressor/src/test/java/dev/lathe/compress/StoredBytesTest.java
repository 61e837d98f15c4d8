package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StoredBytesTest {
  static TensorValue weights(String name, long... dims) {
    SplittableRandom random = new SplittableRandom(name.hashCode());
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TensorValue.floats(name, values, dims);
  }

  /** An embedding whose table is also the head. */
  private static OnnxGraph tied() {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    graph.addInput(
        new ValueInfo("ids", ElementType.INT64, List.of(Dimension.of("N"), Dimension.of(5))));
    graph.addInitializer(weights("table", 200, 32));
    graph.add(OnnxNode.of("Gather", "", List.of("table", "ids"), List.of("e")));
    graph.add(
        OnnxNode.of("Transpose", "", List.of("table"), List.of("t"), Attribute.ints("perm", 1, 0)));
    graph.add(OnnxNode.of("MatMul", "", List.of("e", "t"), List.of("logits")));
    graph.addOutput(ValueInfo.unranked("logits", ElementType.FLOAT));
    return graph;
  }

  @Test
  void tableThatIsAlsoTheHead_isStoredOnceInBytes() {
    OnnxGraph graph = tied();
    assertThat(StoredBytes.apply(graph, Set.of())).singleElement().asString().contains("1 embed");
    assertThat(graph.toBytes().length).isLessThan(200 * 32 + 200 * 4 + 1000);
    assertThat(OutputComparison.of(tied(), graph, Noise.of(tied(), 4, 1), 4).outputDecibels())
        .isGreaterThan(38);
  }

  @Test
  void coordinatesThatAreAdded_stayExact() {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    graph.addInput(
        new ValueInfo("x", ElementType.FLOAT, List.of(Dimension.of(2), Dimension.of(1024))));
    graph.addInitializer(weights("anchors", 2, 1024));
    graph.add(OnnxNode.of("Add", "", List.of("x", "anchors"), List.of("y")));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    assertThat(StoredBytes.apply(graph, Set.of())).isEmpty();
    assertThat(graph.initializer("anchors")).isPresent();
  }

  @Test
  void recurrentLayer_takesItsWeightsFromBytes() {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    graph.addInput(
        new ValueInfo(
            "x", ElementType.FLOAT, List.of(Dimension.of(6), Dimension.of(1), Dimension.of(16))));
    graph.addInitializer(weights("w", 1, 96, 16));
    graph.addInitializer(weights("r", 1, 96, 24));
    graph.add(
        OnnxNode.of(
            "LSTM",
            "",
            List.of("x", "w", "r"),
            List.of("y"),
            Attribute.integer("hidden_size", 24)));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    OnnxGraph stored = graph.copy();
    assertThat(StoredBytes.apply(stored, Set.of())).singleElement().asString().contains("2 other");
    assertThat(stored.toBytes().length).isLessThan(graph.toBytes().length * 2 / 5);
    assertThat(OutputComparison.of(graph, stored, Noise.of(graph, 6, 1), 6).outputDecibels())
        .isGreaterThan(30);
  }

  @Test
  void integersAreDrawnAsTheModelReadsThem() {
    OnnxGraph graph = tied();
    assertThat(IntegerInputs.values(graph, "ids")).hasValue(200);
    OnnxGraph compared = OnnxGraph.create("g", 17);
    compared.addInput(new ValueInfo("kind", ElementType.INT64, List.of(Dimension.of("N"))));
    compared.addInitializer(TensorValue.int64("kinds", new long[] {0, 3, 6}, 3));
    compared.addInitializer(TensorValue.int64("one", new long[] {1}, 1));
    compared.add(OnnxNode.of("Unsqueeze", "", List.of("kind", "one"), List.of("k")));
    compared.add(OnnxNode.of("Equal", "", List.of("k", "kinds"), List.of("y")));
    compared.addOutput(ValueInfo.unranked("y", ElementType.BOOL));
    assertThat(IntegerInputs.values(compared, "kind")).hasValue(8);
  }
}
