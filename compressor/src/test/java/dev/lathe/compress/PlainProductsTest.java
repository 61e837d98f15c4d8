package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainProductsTest {
  /** One Gemm of 24 to 40, or of columns that are transposed. */
  private static OnnxGraph gemm(float alpha, float beta, int transA, int transB, String bias) {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    graph.addInput(
        new ValueInfo(
            "x",
            ElementType.FLOAT,
            transA == 1
                ? List.of(Dimension.of(24), Dimension.of(8))
                : List.of(Dimension.of("N"), Dimension.of(24))));
    graph.addInitializer(
        transB == 1 ? StoredBytesTest.weights("w", 40, 24) : StoredBytesTest.weights("w", 24, 40));
    List<String> inputs = new ArrayList<>(List.of("x", "w"));
    switch (bias) {
      case "scalar" -> inputs.add("b");
      case "row" -> inputs.add("b");
      default -> {}
    }
    if (bias.equals("scalar")) {
      graph.addInitializer(TensorValue.floats("b", new float[] {3}));
    } else if (bias.equals("row")) {
      graph.addInitializer(StoredBytesTest.weights("b", 1, 40));
    }
    graph.add(
        OnnxNode.of(
            "Gemm",
            "",
            inputs,
            List.of("y"),
            Attribute.floating("alpha", alpha),
            Attribute.floating("beta", beta),
            Attribute.integer("transA", transA),
            Attribute.integer("transB", transB)));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    return graph;
  }

  @ParameterizedTest
  @CsvSource({
    "0.25, 1, 0, 0, none",
    "0.25, 2, 0, 1, row",
    "1, 0.5, 1, 0, scalar",
    "2, 1, 1, 1, row",
    "1, 1, 0, 0, scalar"
  })
  void factorsAndTransposes_goIntoConstants(
      float alpha, float beta, int transA, int transB, String bias) {
    OnnxGraph graph = gemm(alpha, beta, transA, transB, bias);
    OnnxGraph simple = Simplification.of(graph);
    OnnxNode product = simple.producer("y").orElseThrow();
    assertThat(product.has("alpha") || product.has("beta") || product.has("transA")).isFalse();
    Noise noise = Noise.of(graph, 48, 1);
    assertThat(OutputComparison.of(graph, simple, noise, 16).outputDecibels()).isGreaterThan(110);
    for (String recipe : List.of("weights8", "int8")) {
      OnnxGraph compressed =
          Compressor.apply(CompressionRecipe.known().get(recipe), graph, noise).model();
      assertThat(OutputComparison.of(graph, compressed, noise, 16).outputDecibels())
          .as(recipe)
          .isGreaterThan(30);
    }
  }
}
