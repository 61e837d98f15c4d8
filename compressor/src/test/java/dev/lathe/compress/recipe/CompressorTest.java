package dev.lathe.compress.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Calibrator;
import dev.lathe.compress.CompressionException;
import dev.lathe.compress.MobileNetV2;
import dev.lathe.compress.Networks;
import dev.lathe.onnx.OnnxGraph;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class CompressorTest {
  private static final OnnxGraph MODEL = Networks.mobile(1);
  private static final CalibrationData DATA = MobileNetV2.noise(28, 24, 2);

  static List<String> names() {
    return List.copyOf(CompressionRecipe.known().keySet());
  }

  @ParameterizedTest
  @MethodSource("names")
  void knownRecipe_givesAModelThatRunsAlikeWithAndWithoutOptimisations(String name) {
    Compressed compressed = Compressor.apply(CompressionRecipe.known().get(name), MODEL, DATA);
    assertThat(compressed.last().fusionDecibels()).isGreaterThan(name.startsWith("w") ? 15 : 25);
    assertThat(compressed.last().bytes()).isEqualTo(compressed.model().toBytes().length);
    assertThat(OnnxGraph.parse(compressed.model().toBytes()).nodes()).isNotEmpty();
  }

  /** Share of the float file's bytes and signal to noise that a recipe must keep. */
  @ParameterizedTest
  @CsvSource({
    "float32, 1.01, 90",
    "half, 0.65, 50",
    "int8, 0.45, 20",
    "weights8, 0.50, 25",
    "codebook, 0.60, -3",
    "pruned, 1.01, -3"
  })
  void knownRecipe_keepsSizeAndQuality(String name, double share, double decibels) {
    Compressed compressed = Compressor.apply(CompressionRecipe.known().get(name), MODEL, DATA);
    assertThat((double) compressed.last().bytes() / MODEL.toBytes().length).isLessThan(share);
    assertThat(compressed.last().outputDecibels()).isGreaterThan(decibels);
  }

  @Test
  void codebookOfSingleWeights_leavesWhatDoesNotPay() {
    CompressionRecipe recipe = RecipeReader.read("steps:\n  - codebook: {length: 1}\n");
    assertThat(Compressor.apply(recipe, MODEL, DATA).last().outputDecibels()).isPositive();
  }

  @Test
  void recipeFile_isReadWithItsOptions() {
    CompressionRecipe recipe =
        RecipeReader.read(
            """
            name: mine
            steps:
              - simplify
              - prune: {zeros: 0.25, dataAware: false}
              - int8: {calibrator: percentile, percent: 99.9, images: 8, float: [Conv2]}
            """);
    assertThat(recipe.name()).isEqualTo("mine");
    assertThat(recipe.steps()).hasSize(3);
    assertThat(recipe.steps().get(1)).isEqualTo(new CompressionStep.Prune(0.25, false));
    CompressionStep.Int8 int8 = (CompressionStep.Int8) recipe.steps().get(2);
    assertThat(int8.options().calibrator()).isEqualTo(new Calibrator.Percentile(99.9));
    assertThat(int8.options().floatNodes()).containsExactly("Conv2");

    Compressed compressed = Compressor.apply(recipe, MODEL, DATA);
    assertThat(compressed.steps())
        .extracting(StepReport::step)
        .containsExactly("simplify", "prune", "int8");
    assertThat(compressed.last().nodes())
        .filteredOn(node -> node.name().equals("Conv2"))
        .allMatch(node -> node.reason().contains("by choice"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "steps: [shrink]|no step 'shrink'",
        "steps: []|no list 'steps'",
        "name: x|no list 'steps'",
        "steps: [{int8: {calibrator: best}}]|no calibrator 'best'",
        "steps: [{int8: {images: many}}]|'images' must be a whole number",
        "steps: [{prune: {zeros: 1.5}}]|zeros must be in (0, 1)",
        "steps: [{prune: {share: 0.5}}]|no option 'share'",
        "steps: [{weight-only: {bits: 5}}]|bits must be 4 or 8",
        "steps: [{|no YAML"
      })
  void wrongRecipe_isRefusedByName(String text, String problem) {
    assertThatThrownBy(() -> RecipeReader.read(text))
        .isInstanceOf(CompressionException.class)
        .hasMessageContaining(problem);
  }
}
