package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.CompressionStep;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WidthFoldingTest {
  private static final Int8Options FAST = Int8Options.DEFAULT.withImages(4);

  /** A stem, a depthwise and a pointwise convolution; the width is open, so that none is folded. */
  private static OnnxGraph unfolded(RandomImages data, int kernel, UnaryOperator<OnnxNode> stem) {
    Networks n = new Networks(data.channels(), data.height(), 7);
    OnnxGraph graph = n.graph();
    declare(graph, data, Dimension.of("W"));
    String x = n.relu(n.conv("input", data.channels(), 8, kernel, 1, 1));
    OnnxNode first = graph.nodes().getFirst();
    graph.replace(first, List.of(stem.apply(first)));
    x = n.relu(n.conv(x, 8, 8, 3, 1, 8));
    OnnxGraph whole = n.classify(n.relu(n.conv(x, 8, 16, 1, 1, 1)), 16, 5);
    return Int8Quantization.quantize(whole, data, FAST).model();
  }

  private static void declare(OnnxGraph graph, RandomImages data, Dimension width) {
    declare(graph, Dimension.of(data.channels()), Dimension.of(data.height()), width);
  }

  private static void declare(
      OnnxGraph graph, Dimension channels, Dimension height, Dimension width) {
    graph.removeInput("input");
    graph.addInput(
        new ValueInfo(
            "input", ElementType.FLOAT, List.of(Dimension.of("N"), channels, height, width)));
  }

  private static OnnxGraph folded(OnnxGraph unfolded, RandomImages data) {
    OnnxGraph folded = unfolded.copy();
    declare(folded, data, Dimension.of(data.width()));
    WidthFolding.apply(folded, Double.POSITIVE_INFINITY);
    return folded;
  }

  private static long kernelWidth(OnnxGraph graph) {
    return graph.nodes().stream()
        .filter(node -> node.is("Conv"))
        .findFirst()
        .orElseThrow()
        .ints("kernel_shape")[1];
  }

  @ParameterizedTest
  @CsvSource({
    "1, 28, 28, 3, 1, 1, 1",
    "1, 28, 28, 3, 2, 1, 1",
    "3, 16, 32, 3, 2, 1, 1",
    "3, 16, 32, 3, 2, 0, 1",
    "3, 12, 20, 3, 1, 1, 1",
    "3, 32, 32, 7, 2, 3, 3",
    "2, 16, 16, 5, 1, 2, 2",
    "2, 16, 16, 4, 4, 0, 0",
    "3, 16, 16, 6, 2, 4, 0",
  })
  void foldedConvolution_givesTheSameBits(
      int channels, int height, int width, int kernel, int stride, int left, int right) {
    RandomImages data = new RandomImages(channels, height, width);
    OnnxGraph before = unfolded(data, kernel, node -> stem(node, stride, left, right));
    OnnxGraph after = folded(before, data);
    assertThat(after.nodes()).hasSizeGreaterThan(before.nodes().size());
    for (OrtModel.Options options : List.of(OrtModel.Options.DEPLOYED, OrtModel.Options.LITERAL)) {
      try (OrtModel one = OrtModel.open(before.toBytes(), options);
          OrtModel other = OrtModel.open(after.toBytes(), options)) {
        assertThat(other.run(data.batch(0, 3), data.shape(3)))
            .isEqualTo(one.run(data.batch(0, 3), data.shape(3)));
      }
    }
  }

  private static OnnxNode stem(OnnxNode node, int stride, int left, int right) {
    return node.with(Attribute.ints("strides", stride, stride))
        .with(Attribute.ints("pads", left, left, right, right));
  }

  @Test
  void foldedModel_hasNoMoreTransposesWhenItRuns() {
    RandomImages data = new RandomImages(3, 32, 32);
    OnnxGraph before = unfolded(data, 3, node -> stem(node, 2, 1, 1));
    OnnxGraph fixed = before.copy();
    declare(fixed, data, Dimension.of(32));
    assertThat(transposes(folded(before, data))).isEqualTo(transposes(fixed)).isPositive();
  }

  private static long transposes(OnnxGraph graph) {
    return OrtModel.optimizedGraph(graph.toBytes()).nodes().stream()
        .filter(node -> node.is("Transpose"))
        .count();
  }

  @Test
  void smallFile_isNotMadeMuchLarger() {
    RandomImages data = new RandomImages(3, 32, 32);
    OnnxGraph before = unfolded(data, 3, node -> stem(node, 2, 1, 1));
    declare(before, data, Dimension.of(32));
    OnnxGraph after = before.copy();
    WidthFolding.apply(after, 0.01);
    assertThat(after.nodes()).hasSameSizeAs(before.nodes());
    WidthFolding.apply(after, 10);
    assertThat(after.nodes()).hasSizeGreaterThan(before.nodes().size());
  }

  @Test
  void openHeight_isNotFolded() {
    RandomImages data = new RandomImages(3, 32, 32);
    OnnxGraph open = unfolded(data, 3, node -> stem(node, 2, 1, 1));
    declare(open, Dimension.of(3), Dimension.of("H"), Dimension.of(32));
    OnnxGraph after = open.copy();
    WidthFolding.apply(after, Double.POSITIVE_INFINITY);
    assertThat(after.nodes()).hasSameSizeAs(open.nodes());
  }

  @Test
  void weightsWithOneScaleOrZeroPoints_areNotFolded() {
    RandomImages data = new RandomImages(3, 32, 32);
    for (UnaryOperator<TensorValue> change :
        List.<UnaryOperator<TensorValue>>of(
            scales -> TensorValue.floats("one", new float[] {0.01f}),
            scales -> TensorValue.int8("z", new byte[] {1, 1, 1, 1, 1, 1, 1, 1}, 8))) {
      OnnxGraph graph = unfolded(data, 3, node -> stem(node, 2, 1, 1));
      declare(graph, data, Dimension.of(32));
      OnnxNode conv = graph.nodes().stream().filter(n -> n.is("Conv")).findFirst().orElseThrow();
      OnnxNode weights = graph.producer(conv.inputs().get(1)).orElseThrow();
      TensorValue other = change.apply(graph.initializer(weights.inputs().get(1)).orElseThrow());
      graph.addInitializer(other.named("other"));
      boolean scale = other.type() == ElementType.FLOAT;
      OnnxNode changed = weights.withInput(scale ? 1 : 2, "other");
      graph.replace(weights, List.of(changed));
      OnnxGraph after = graph.copy();
      WidthFolding.apply(after, Double.POSITIVE_INFINITY);
      assertThat(after.nodes()).hasSameSizeAs(graph.nodes());
    }
  }

  @Test
  void kernelsStep_folds() {
    OnnxGraph model = MobileNetV2.random(0.5, 32, 10, 1);
    CalibrationData data = MobileNetV2.noise(32, 4, 2);
    CompressionRecipe recipe =
        new CompressionRecipe(
            "r", List.of(new CompressionStep.Int8(FAST), new CompressionStep.Kernels()));
    List<Long> widths = new ArrayList<>();
    Compressor.apply(
        recipe,
        model,
        data,
        data,
        Compressor.FineTuner.none(),
        (report, made) -> widths.add(kernelWidth(made)));
    assertThat(widths).containsExactly(3L, 2L);
  }

  @Test
  void convolutionThatDoesNotFit_staysAsItIs() {
    for (RandomImages data :
        List.of(
            new RandomImages(3, 16, 30),
            new RandomImages(4, 16, 16),
            new RandomImages(6, 16, 16))) {
      OnnxGraph before = unfolded(data, 3, UnaryOperator.identity());
      OnnxGraph after = folded(before, data);
      assertThat(after.nodes()).hasSameSizeAs(before.nodes());
      assertThat(kernelWidth(after)).isEqualTo(3);
    }
    RandomImages data = new RandomImages(3, 16, 16);
    OnnxGraph uneven = unfolded(data, 3, node -> stem(node, 3, 1, 1));
    assertThat(folded(uneven, data).nodes()).hasSameSizeAs(uneven.nodes());
  }
}
