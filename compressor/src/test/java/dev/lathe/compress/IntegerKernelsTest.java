package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.compress.recipe.Compressed;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.CompressionStep;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.compress.recipe.StepReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class IntegerKernelsTest {
  private static final CalibrationData DATA = new RandomImages(3, 16, 16);

  /** A stem, a depthwise, two dense 3 × 3 (one with stride) and a pointwise convolution. */
  private static OnnxGraph network() {
    Networks n = new Networks(3, 16, 5);
    String x = n.relu(n.conv("input", 3, 16, 3, 1, 1));
    x = n.relu(n.conv(x, 16, 16, 3, 1, 16));
    x = n.relu(n.conv(x, 16, 32, 3, 1, 1));
    x = n.relu(n.conv(x, 32, 32, 3, 2, 1));
    return n.classify(n.relu(n.conv(x, 32, 64, 1, 1, 1)), 64, 5);
  }

  private static OnnxGraph integer() {
    return Int8Quantization.quantize(network(), DATA, Int8Options.DEFAULT.withImages(4)).model();
  }

  private static long shifted(OnnxGraph graph) {
    return graph.nodes().stream()
        .filter(node -> node.is("Conv"))
        .map(node -> graph.producer(node.inputs().get(1)).orElseThrow())
        .map(weights -> graph.initializer(weights.inputs().get(2)).orElseThrow())
        .filter(points -> Arrays.stream(points.longs()).allMatch(point -> point == -1))
        .count();
  }

  private static float[] run(OnnxGraph graph, OrtModel.Options options) {
    try (OrtModel model = OrtModel.open(graph.toBytes(), options)) {
      return model.run(DATA.batch(0, 3), DATA.shape(3));
    }
  }

  @Test
  void matrixProducts_giveTheSameBitsAndStayInteger() {
    OnnxGraph direct = integer();
    OnnxGraph products = IntegerKernels.withProducts(direct, node -> true);
    assertThat(shifted(direct)).isZero();
    assertThat(shifted(products)).as("all but the depthwise one").isEqualTo(4);
    for (OrtModel.Options options : List.of(OrtModel.Options.DEPLOYED, OrtModel.Options.LITERAL)) {
      assertThat(run(products, options)).isEqualTo(run(direct, options));
    }
    assertThat(
            OrtModel.optimizedGraph(products.toBytes()).nodes().stream()
                .filter(node -> node.opType().equals("QLinearConv")))
        .hasSize(5);
  }

  @Test
  void weightThatCannotBeOneLess_keepsItsKernel() {
    OnnxGraph graph = integer();
    OnnxNode conv = graph.nodes().stream().filter(node -> node.is("Conv")).toList().getLast();
    OnnxNode weights = graph.producer(conv.inputs().get(1)).orElseThrow();
    TensorValue values = graph.initializer(weights.inputs().getFirst()).orElseThrow();
    byte[] bytes = values.toByteArray();
    bytes[0] = Byte.MIN_VALUE;
    graph.addInitializer(TensorValue.int8("least", bytes, values.dims()));
    graph.replace(weights, List.of(weights.withInput(0, "least")));
    assertThat(shifted(IntegerKernels.withProducts(graph, node -> true))).isEqualTo(3);
  }

  @Test
  void kernelTimes_knowEveryTaggedNode() {
    OnnxGraph tagged = integer();
    OnnxNode conv = tagged.nodes().stream().filter(node -> node.is("Conv")).findFirst().get();
    tagged.replace(conv, List.of(conv.withName("mine|")));
    OnnxGraph other = IntegerKernels.withProducts(tagged, node -> node.name().equals("mine|"));
    List<Map<String, Double>> micros =
        KernelTimes.interleaved(
            List.of(tagged.toBytes(), other.toBytes()), DATA.feed(tagged, 0, 1), 20);
    assertThat(micros).hasSize(2).allMatch(times -> times.keySet().equals(Set.of("mine|")));
    assertThat(micros).allMatch(times -> times.get("mine|") > 0);
  }

  @Test
  void recipe_choosesKernelsLastAndSaysSo() {
    Compressed compressed =
        Compressor.apply(CompressionRecipe.named("int8").orElseThrow(), network(), DATA);
    StepReport last = compressed.steps().getLast();
    assertThat(last.step()).isEqualTo("kernels");
    assertThat(last.nodes()).isEqualTo(compressed.steps().getFirst().nodes()).isNotEmpty();
    assertThat(last.notes().getFirst()).contains("matrix product");
    Compressed plain =
        Compressor.apply(CompressionRecipe.named("int8-portable").orElseThrow(), network(), DATA);
    assertThat(shifted(plain.model())).isZero();
    assertThat(run(compressed.model(), OrtModel.Options.DEPLOYED))
        .isEqualTo(run(plain.model(), OrtModel.Options.DEPLOYED));
    assertThat(CompressionRecipe.named("int8+fine-tune").orElseThrow().steps())
        .extracting(CompressionStep::name)
        .containsExactly("int8", "fine-tune", "kernels");
  }

  @Test
  void floatModel_isLeftAsItIs() {
    OnnxGraph network = network();
    IntegerKernels.Rewritten rewritten = IntegerKernels.choose(network, DATA);
    assertThat(rewritten.model().toBytes()).isEqualTo(network.toBytes());
    assertThat(rewritten.notes()).singleElement().asString().startsWith("no integer convolution");
  }
}
