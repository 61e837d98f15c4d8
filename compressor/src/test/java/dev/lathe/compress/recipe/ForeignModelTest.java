package dev.lathe.compress.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.compress.MobileNetV2;
import dev.lathe.compress.NodeOutcome.Form;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.ShapeInference;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models as another program exports them; bench/peers/foreign_models.py made them. */
final class ForeignModelTest {
  private static OnnxGraph read(String name) throws IOException {
    try (InputStream in =
        ForeignModelTest.class.getResourceAsStream("/foreign/" + name + ".onnx")) {
      return OnnxGraph.parse(in.readAllBytes());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vit, int8, 0.40, 30",
    "vit, half, 0.60, 45",
    "vit, weights8, 0.50, 30",
    "vit, weights4-gptq, 0.40, 18",
    "vit, monarch, 0.50, 0",
    "vit, low-rank, 0.90, 0",
    "vit, codebook, 0.80, 0",
    "vit, two-of-four, 1.01, 3",
    "unet, int8, 0.50, 30",
    "unet, half, 0.65, 45",
    "unet, weights4-gptq, 0.50, 18",
    "unet, codebook, 0.70, 0"
  })
  void recipe_keepsSizeAndOutput(String model, String recipe, double share, double decibels)
      throws IOException {
    OnnxGraph graph = read(model);

    Compressed compressed =
        Compressor.apply(
            CompressionRecipe.known().get(recipe), graph, MobileNetV2.noise(32, 24, 2));

    assertThat((double) compressed.last().bytes() / graph.toBytes().length).isLessThan(share);
    assertThat(compressed.last().outputDecibels()).isGreaterThan(decibels);
    assertThat(compressed.last().fusionDecibels()).isGreaterThan(30);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vit", "unet"})
  void everyNodeThatStaysFloat_hasAReason(String model) throws IOException {
    Compressed compressed =
        Compressor.apply(
            CompressionRecipe.known().get("int8"), read(model), MobileNetV2.noise(32, 16, 2));

    assertThat(compressed.last().nodes())
        .filteredOn(node -> node.form() == Form.FLOAT)
        .isNotEmpty()
        .allMatch(node -> !node.reason().isBlank());
    assertThat(compressed.last().integerNodes()).isGreaterThanOrEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vit", "unet"})
  void inferredShapes_areThoseOfTheRun(String model) throws IOException {
    OnnxGraph graph = read(model);
    long[] dims = ShapeInference.infer(graph, 2).get("y").dims();
    try (OrtModel running = OrtModel.open(graph.toBytes(), OrtModel.Options.DEPLOYED)) {
      float[] out = running.run(MobileNetV2.noise(32, 2, 1).batch(0, 2), 2, 3, 32, 32);
      assertThat(Arrays.stream(dims).reduce(1, (a, b) -> a * b)).isEqualTo(out.length);
    }
    assertThat(CostReport.of(graph, 2).macs()).isEqualTo(2 * CostReport.of(graph, 1).macs());
  }
}
