package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConstantFoldingTest {
  /** y = x · transpose(w) + sqrt(b), with codes of a codebook for an unused branch's sake. */
  private static OnnxGraph model(int codes) {
    OnnxGraph graph = OnnxGraph.create("constants", 17);
    graph.addInput(
        new ValueInfo("x", ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of(3))));
    graph.addInitializer(TensorValue.floats("w", new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    graph.addInitializer(TensorValue.floats("b", new float[] {4, 9}, 2));
    graph.addInitializer(TensorValue.floats("book", new float[2 * 64], 2, 64));
    graph.addInitializer(TensorValue.int64("codes", new long[codes], codes));
    graph.add(
        OnnxNode.of("Transpose", "t", List.of("w"), List.of("wt"), Attribute.ints("perm", 1, 0)));
    graph.add(OnnxNode.of("Sqrt", "s", List.of("b"), List.of("root")));
    graph.add(OnnxNode.of("MatMul", "m", List.of("x", "wt"), List.of("p")));
    graph.add(OnnxNode.of("Add", "a", List.of("p", "root"), List.of("y")));
    graph.add(OnnxNode.of("Gather", "g", List.of("book", "codes"), List.of("rows")));
    graph.add(OnnxNode.of("ReduceSum", "r", List.of("rows"), List.of("sum")));
    graph.add(OnnxNode.of("Mul", "z", List.of("y", "sum"), List.of("z")));
    graph.addOutput(ValueInfo.unranked("z", ElementType.FLOAT));
    return graph;
  }

  @Test
  void whatDependsOnConstantsAlone_isComputed() {
    OnnxGraph graph = model(4);
    ConstantFolding.apply(graph);
    assertThat(graph.nodes()).extracting(OnnxNode::opType).containsExactly("MatMul", "Add", "Mul");
    assertThat(graph.initializer("wt").orElseThrow().floats()).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(graph.initializer("root").orElseThrow().floats()).containsExactly(2, 3);
  }

  @Test
  void weightsOfACodebook_stayCodes() {
    OnnxGraph graph = model(1000);
    ConstantFolding.apply(graph);
    assertThat(graph.nodes()).extracting(OnnxNode::opType).contains("Gather");
    assertThat(graph.initializer("codes")).isPresent();
  }
}
