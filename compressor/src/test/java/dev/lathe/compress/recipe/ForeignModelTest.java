package dev.lathe.compress.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.compress.ForeignModels;
import dev.lathe.compress.NodeOutcome.Form;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorValue;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ForeignModelTest {
  /** Share of the bytes, signal to noise. */
  @ParameterizedTest
  @CsvSource({
    "vit, int8, 0.40, 30",
    "vit, half, 0.60, 45",
    "vit, weights8, 0.50, 30",
    "vit, weights4-gptq, 0.40, 18",
    "vit, monarch, 0.55, 0",
    "vit, low-rank, 0.90, 0",
    "vit, codebook, 0.80, 0",
    "vit, two-of-four, 1.01, 3",
    "unet, int8, 0.50, 30",
    "unet, half, 0.65, 45",
    "unet, weights4-gptq, 0.50, 18",
    "unet, codebook, 0.70, 0",
    "resnet, int8, 0.40, 30",
    "resnet, channels, 0.70, 3",
    "mobilenetv3, int8, 0.50, 30",
    "bert, int8-smooth, 0.50, 28",
    "bert, weights4-gptq, 0.50, 15"
  })
  void recipe_keepsSizeAndOutput(String model, String recipe, double share, double decibels) {
    OnnxGraph graph = ForeignModels.read(model);

    Compressed compressed =
        Compressor.apply(
            CompressionRecipe.known().get(recipe), graph, ForeignModels.noise(graph, 24));

    assertThat((double) compressed.last().bytes() / graph.toBytes().length).isLessThan(share);
    assertThat(compressed.last().outputDecibels()).isGreaterThan(decibels);
    assertThat(compressed.last().fusionDecibels()).isGreaterThan(30);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vit", "unet", "bert", "mobilenetv3"})
  void everyNodeThatStaysFloat_hasAReason(String model) {
    OnnxGraph graph = ForeignModels.read(model);
    Compressed compressed =
        Compressor.apply(
            CompressionRecipe.known().get("int8"), graph, ForeignModels.noise(graph, 8));

    assertThat(compressed.steps().getFirst().nodes())
        .filteredOn(node -> node.form() == Form.FLOAT)
        .isNotEmpty()
        .allMatch(node -> !node.reason().isBlank());
    assertThat(compressed.steps().getFirst().integerNodes()).isGreaterThanOrEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet", "mobilenetv3", "vit", "unet", "bert"})
  void inferredShapes_areThoseOfTheRun(String model) {
    OnnxGraph graph = ForeignModels.read(model);
    Map<String, Long> sizes = Map.of("N", 2L, "T", 16L);
    long[] dims = ShapeInference.infer(graph, sizes).get("y").dims();
    try (OrtModel running = OrtModel.open(graph.toBytes(), OrtModel.Options.DEPLOYED)) {
      TensorValue out = running.run(ForeignModels.noise(graph, 2).feed(graph, 0, 2)).get("y");
      assertThat(dims).isEqualTo(out.dims());
    }
    assertThat(CostReport.of(graph, sizes).macs())
        .isEqualTo(2 * CostReport.of(graph, Map.of("N", 1L, "T", 16L)).macs());
  }
}
