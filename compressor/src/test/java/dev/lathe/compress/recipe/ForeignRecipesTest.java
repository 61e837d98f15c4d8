package dev.lathe.compress.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.compress.ForeignModels;
import dev.lathe.onnx.OnnxGraph;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every recipe on every foreign model: what comes out runs, alike with and without optimisations.
 */
final class ForeignRecipesTest {
  static List<Arguments> cases() {
    return ForeignModels.NAMES.stream()
        .flatMap(
            model ->
                CompressionRecipe.known().keySet().stream()
                    // It measures latencies; one model is enough, in CompressorTest.
                    .filter(recipe -> !recipe.equals("mixed"))
                    // It takes seconds a model.
                    .filter(recipe -> !recipe.equals("weights4-adaround") || model.equals("vit"))
                    // FixedPointTest says which operators have no fixed-point form.
                    .filter(recipe -> !recipe.startsWith("fixed") || model.equals("resnet"))
                    .map(recipe -> Arguments.of(model, recipe)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void recipe_givesAModelThatRuns(String model, String recipe) {
    OnnxGraph graph = ForeignModels.read(model);
    Compressed compressed =
        Compressor.apply(
            CompressionRecipe.known().get(recipe), graph, ForeignModels.noise(graph, 8));
    StepReport report = compressed.last();
    assertThat(report.fusionDecibels()).isGreaterThan(recipe.startsWith("w") ? 15 : 30);
    assertThat(report.outputDecibels()).isGreaterThan(-3).isNotNaN();
    assertThat(OnnxGraph.parse(compressed.model().toBytes()).nodes()).isNotEmpty();
  }
}
