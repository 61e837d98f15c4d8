package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.compress.recipe.Compressed;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.CompressionStep;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.compress.recipe.RecipeReader;
import dev.lathe.compress.recipe.StepReport;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IntegerKernelsTest {
  private static final RandomImages DATA = new RandomImages(3, 16, 16);

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

  /** The weights of the last convolution, changed. */
  private static OnnxGraph withWeights(UnaryOperator<byte[]> change) {
    OnnxGraph graph = integer();
    OnnxNode conv = graph.nodes().stream().filter(node -> node.is("Conv")).toList().getLast();
    OnnxNode weights = graph.producer(conv.inputs().get(1)).orElseThrow();
    TensorValue values = graph.initializer(weights.inputs().getFirst()).orElseThrow();
    graph.addInitializer(
        TensorValue.int8("changed", change.apply(values.toByteArray()), values.dims()));
    graph.replace(weights, List.of(weights.withInput(0, "changed")));
    return graph;
  }

  @Test
  void weightsThatCannotBeOneLess_keepTheirKernel() {
    UnaryOperator<byte[]> least =
        bytes -> {
          bytes[0] = Byte.MIN_VALUE;
          return bytes;
        };
    UnaryOperator<byte[]> sevenBits =
        bytes -> {
          for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (bytes[i] / 2);
          }
          return bytes;
        };
    assertThat(shifted(IntegerKernels.withProducts(withWeights(b -> b), node -> true)))
        .isEqualTo(4);
    assertThat(shifted(IntegerKernels.withProducts(withWeights(least), node -> true))).isEqualTo(3);
    assertThat(shifted(IntegerKernels.withProducts(withWeights(sevenBits), node -> true)))
        .isEqualTo(3);
  }

  @Test
  void portable_undoesMatrixProducts() {
    OnnxGraph direct = integer();
    OnnxGraph back = IntegerKernels.portable(IntegerKernels.withProducts(direct, node -> true));
    assertThat(shifted(back)).isZero();
    List<OnnxNode> before = convolutions(direct);
    List<OnnxNode> after = convolutions(back);
    for (int i = 0; i < before.size(); i++) {
      assertThat(stored(back, after.get(i))).isEqualTo(stored(direct, before.get(i)));
    }
  }

  private static List<OnnxNode> convolutions(OnnxGraph graph) {
    return graph.nodes().stream().filter(node -> node.is("Conv")).toList();
  }

  private static byte[] stored(OnnxGraph graph, OnnxNode conv) {
    OnnxNode weights = graph.producer(conv.inputs().get(1)).orElseThrow();
    return graph.initializer(weights.inputs().getFirst()).orElseThrow().toByteArray();
  }

  @Test
  void sharedWeights_areStoredOnce() {
    OnnxGraph graph = integer();
    OnnxNode conv = convolutions(graph).get(2);
    OnnxNode weights = graph.producer(conv.inputs().get(1)).orElseThrow();
    graph.replace(weights, List.of(weights.withName("shared")));
    OnnxNode output = graph.consumers(conv.output()).getFirst();
    graph.add(conv.withName("twin").withOutputs(List.of("again")));
    graph.add(output.withInput(0, "again").withName("").withOutputs(List.of("integers")));
    graph.addOutput(ValueInfo.unranked("integers", ElementType.UINT8));
    OnnxGraph products = IntegerKernels.withProducts(graph, node -> true);
    assertThat(shifted(products)).isEqualTo(5);
    assertThat(products.initializers()).hasSizeLessThanOrEqualTo(graph.initializers().size() + 3);
    try (OrtModel model = OrtModel.open(products.toBytes(), OrtModel.Options.DEPLOYED)) {
      assertThat(model.outputs()).contains("integers");
    }
  }

  /**
   * Pretends that matrix products take a share of the time of the other kernel.
   *
   * @param kernel share for the first convolution; the others take the same time
   * @param whole share for the whole model
   */
  private record Pretended(double kernel, double whole) implements IntegerKernels.Stopwatch {
    @Override
    public List<Map<String, Double>> kernels(List<byte[]> models, Map<String, TensorValue> inputs) {
      Map<String, Double> direct = new HashMap<>();
      Map<String, Double> product = new HashMap<>();
      for (OnnxNode conv : convolutions(OnnxGraph.parse(models.getFirst()))) {
        product.put(conv.name(), direct.isEmpty() ? 100 * kernel : 100);
        direct.put(conv.name(), 100.0);
      }
      return List.of(direct, product);
    }

    @Override
    public List<Double> wholes(List<byte[]> models, Map<String, TensorValue> inputs) {
      return List.of(10.0, 10 * whole);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0.9, 1, '1 of 4 convolutions run as'",
    "0.97, 0.9, 0, 'no convolution is faster'",
    "1.5, 0.9, 0, 'no convolution is faster'",
    "0.5, 0.995, 0, '1 of 4 convolutions are faster alone'",
    "0.5, 1.2, 0, '1 of 4 convolutions are faster alone'",
  })
  void choice_followsTheTimes(double kernel, double whole, int products, String note) {
    IntegerKernels.Rewritten rewritten =
        IntegerKernels.choose(integer(), DATA, new Pretended(kernel, whole));
    assertThat(shifted(rewritten.model())).isEqualTo(products);
    assertThat(rewritten.notes()).last().asString().startsWith(note);
  }

  @Test
  void kernelsThatCannotBeTimed_areLeft() {
    IntegerKernels.Stopwatch broken =
        new IntegerKernels.Stopwatch() {
          @Override
          public List<Map<String, Double>> kernels(
              List<byte[]> models, Map<String, TensorValue> inputs) {
            throw new OnnxException("no profile");
          }

          @Override
          public List<Double> wholes(List<byte[]> models, Map<String, TensorValue> inputs) {
            throw new AssertionError();
          }
        };
    IntegerKernels.Rewritten rewritten = IntegerKernels.choose(integer(), DATA, broken);
    assertThat(shifted(rewritten.model())).isZero();
    assertThat(rewritten.notes()).last().asString().contains("no profile");
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
    StepReport last = compressed.last();
    assertThat(last.step()).isEqualTo("kernels");
    assertThat(last.integerNodes())
        .isEqualTo(compressed.steps().getFirst().integerNodes())
        .isPositive();
    assertThat(last.notes()).last().asString().contains("matrix product");
    Compressed plain =
        Compressor.apply(CompressionRecipe.named("int8-portable").orElseThrow(), network(), DATA);
    assertThat(shifted(plain.model())).isZero();
    assertThat(run(compressed.model(), OrtModel.Options.DEPLOYED))
        .isEqualTo(run(plain.model(), OrtModel.Options.DEPLOYED));
  }

  @Test
  void kernels_areTheLastStep() {
    assertThat(steps(CompressionRecipe.named("int8+fine-tune").orElseThrow()))
        .containsExactly("int8", "fine-tune", "kernels");
    assertThat(steps(RecipeReader.read("steps:\n  - mixed: {trials: 3}\n")))
        .containsExactly("mixed", "kernels");
    assertThat(steps(RecipeReader.read("steps:\n  - int8\n"))).containsExactly("int8");
    assertThatThrownBy(() -> RecipeReader.read("steps:\n  - int8\n  - kernels\n  - fine-tune\n"))
        .isInstanceOf(CompressionException.class)
        .hasMessage(
            "step 2 (kernels) must be the last: fine-tune after it would undo its choices.");
  }

  private static List<String> steps(CompressionRecipe recipe) {
    return recipe.steps().stream().map(CompressionStep::name).toList();
  }

  @Test
  void floatModel_isLeftAsItIs() {
    OnnxGraph network = network();
    IntegerKernels.Rewritten rewritten = IntegerKernels.choose(network, DATA);
    assertThat(rewritten.model().toBytes()).isEqualTo(network.toBytes());
    assertThat(rewritten.notes()).singleElement().asString().startsWith("no integer convolution");
  }
}
