package dev.lathe.supernet.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.compress.IntegerKernels;
import dev.lathe.compress.OutputComparison;
import dev.lathe.compress.SingleInput;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.compress.recipe.RecipeReader;
import dev.lathe.data.Augmentation;
import dev.lathe.data.Batches;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Progress;
import dev.lathe.graph.Subnet;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.space.mobile.MobileSpecReader;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.Fixtures;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.program.Norms;
import dev.lathe.supernet.program.Program;
import dev.lathe.supernet.tensor.Torch;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FineTunerTest {
  private static final RandomStreams STREAMS = new RandomStreams(5);
  private static final LabelledImages IMAGES = Fixtures.images(256, STREAMS.at("images", 0));
  private static final OnnxGraph TRAINED = trained();
  private static final SingleInput DATA =
      new SingleInput() {
        @Override
        public int images() {
          return IMAGES.size();
        }

        @Override
        public float[] batch(int from, int to) {
          return Batches.of(IMAGES, from, to, Fixtures.NORMALIZATION);
        }

        @Override
        public long[] shape(int n) {
          return new long[] {n, 1, 8, 8};
        }
      };

  private static OnnxGraph trained() {
    MobileSpace space =
        new MobileSpace(
            MobileSpecReader.read(
                """
                name: wide
                input: {channels: 1, resolution: [8]}
                stem: {width: 16, stride: 1, activation: hard-swish}
                stages:
                  - {width: [32], depth: [2], stride: 2, kernel: [3], expansion: [4], squeezeExcite: [true], activation: [hard-swish]}
                  - {width: [48], depth: [2], stride: 2, kernel: [5], expansion: [3], activation: [relu6]}
                head: {width: 64}
                """),
            2);
    Subnet subnet = space.subnet(space.sample(STREAMS.at("sample", 0)));
    try (WeightStore store = WeightStore.initialised(space.specs(), STREAMS.at("weights", 0));
        Workers workers = new Workers(2);
        Trainer trainer =
            new Trainer(
                store,
                IMAGES,
                Fixtures.NORMALIZATION,
                Fixtures.settings(30),
                Curriculum.only(subnet),
                STREAMS,
                "train",
                workers);
        Evaluator evaluator =
            new Evaluator(IMAGES, 64, IMAGES, Fixtures.NORMALIZATION, 2, STREAMS, workers)) {
      while (!trainer.finished()) {
        trainer.advance();
      }
      return subnet.export(store::values, evaluator.statistics(store, subnet));
    }
  }

  private static OnnxGraph compressed(String recipe) {
    CompressionRecipe known = CompressionRecipe.known().get(recipe);
    return Compressor.apply(known == null ? RecipeReader.read(recipe) : known, TRAINED, DATA)
        .model();
  }

  private static double decibels(OnnxGraph model) {
    return OutputComparison.of(TRAINED, model, DATA, 128).outputDecibels();
  }

  private static OnnxGraph tuned(OnnxGraph model, FineTuning settings) {
    try (Workers workers = new Workers(2)) {
      return new FineTuner(
              settings,
              new FineTuning.Lessons(IMAGES, Fixtures.NORMALIZATION, Augmentation.none()),
              workers)
          .tune(model, TRAINED, Progress.none());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "float32",
        "int8-portable",
        "half",
        "weights8",
        "weights4",
        "low-rank",
        "codebook",
        "lr2vq",
        "two-of-four"
      })
  void interpreter_computesWhatOnnxRuntimeComputes(String recipe) {
    OnnxGraph model = compressed(recipe);
    float[] pixels = DATA.batch(0, 32);
    float[] seen;
    var parameters = Parameters.of(model);
    try (Program program = Program.of(model, parameters.keySet());
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor input = Torch.scopedFloats(pixels, DATA.shape(32));
      seen =
          Torch.toFloats(
              program
                  .run(
                      List.of(input),
                      name ->
                          parameters
                              .get(name)
                              .seen(
                                  Torch.scopedFloats(
                                      parameters.get(name).start(), parameters.get(name).dims())),
                      new Norms.Stored())
                  .getFirst());
    }
    try (OrtModel runtime = OrtModel.open(model.toBytes(), OrtModel.Options.LITERAL)) {
      float[] wanted = runtime.run(pixels, DATA.shape(32));
      double noise = 0;
      double signal = 0;
      for (int i = 0; i < wanted.length; i++) {
        noise += Math.pow(wanted[i] - seen[i], 2);
        signal += Math.pow(wanted[i], 2);
      }
      // MatMulNBits rounds its activations to 8 bits, and integers round at ties.
      double allowed = recipe.startsWith("int8") || recipe.startsWith("weights") ? 1e-3 : 1e-9;
      assertThat(noise).as(recipe).isLessThan(allowed * signal);
    }
  }

  @Test
  void convolutionsAsMatrixProducts_learnTheSame() {
    OnnxGraph direct = compressed("int8-portable");
    OnnxGraph products = IntegerKernels.withProducts(direct, node -> true);
    assertThat(products.toBytes()).isNotEqualTo(direct.toBytes());
    FineTuning settings = new FineTuning(3, 32, 2e-3, 0, 2, 1);
    assertThat(logits(tuned(products, settings))).isEqualTo(logits(tuned(direct, settings)));
  }

  private static float[] logits(OnnxGraph model) {
    try (OrtModel runtime = OrtModel.open(model.toBytes(), OrtModel.Options.LITERAL)) {
      return runtime.run(DATA.batch(0, 32), DATA.shape(32));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"weights4", "codebook", "low-rank", "two-of-four"})
  void tuning_bringsTheOutputNearerToTheTeachers(String recipe) {
    OnnxGraph model = compressed(recipe);
    OnnxGraph tuned = tuned(model, new FineTuning(100, 32, 1e-3, 0, 2, 1));
    assertThat(decibels(tuned)).as(recipe).isGreaterThan(decibels(model) + 0.5);
    assertThat(tuned.toBytes().length).isCloseTo(model.toBytes().length, within(2000));
  }

  @Test
  void sparsifiedWeights_staySparse() {
    OnnxGraph model = compressed("two-of-four");
    OnnxGraph tuned = tuned(model, new FineTuning(5, 16, 1e-2, 0.5, 2, 1));
    assertThat(zeros(tuned)).isEqualTo(zeros(model)).isGreaterThan(5000);
    assertThat(tuned.toBytes()).isNotEqualTo(model.toBytes());
  }

  private static long zeros(OnnxGraph graph) {
    return graph.initializers().stream()
        .filter(tensor -> tensor.rank() >= 2)
        .mapToLong(FineTunerTest::zeros)
        .sum();
  }

  private static long zeros(TensorValue tensor) {
    long count = 0;
    for (float value : tensor.floats()) {
      count += value == 0 ? 1 : 0;
    }
    return count;
  }

  @Test
  void integers_stayOnTheirGrid() {
    OnnxGraph model = compressed("int8-portable");
    OnnxGraph tuned = tuned(model, new FineTuning(5, 16, 1e-2, 1, 1, 1));
    assertThat(operators(tuned)).isEqualTo(operators(model));
    assertThat(scales(tuned)).isEqualTo(scales(model));
  }

  private static List<String> operators(OnnxGraph graph) {
    return graph.nodes().stream().map(OnnxNode::opType).sorted().toList();
  }

  private static List<Float> scales(OnnxGraph graph) {
    return graph.nodes().stream()
        .filter(node -> node.is("DequantizeLinear"))
        .map(node -> graph.initializer(node.inputs().get(1)).orElseThrow().floats()[0])
        .sorted()
        .toList();
  }

  @Test
  void sameSeed_sameModel() {
    OnnxGraph model = compressed("weights4");
    FineTuning settings = new FineTuning(4, 16, 1e-3, 0.5, 2, 9);
    assertThat(tuned(model, settings).toBytes()).isEqualTo(tuned(model, settings).toBytes());
  }

  @Test
  void unknownOperator_isNamed() {
    OnnxGraph model = TRAINED.copy();
    String output = model.outputs().getFirst().name();
    OnnxNode last = model.producer(output).orElseThrow();
    model.replace(
        last,
        List.of(
            last.withOutputs(List.of("before")),
            OnnxNode.of("Det", "odd", List.of("before"), List.of(output))));
    assertThatThrownBy(() -> tuned(model, FineTuning.DEFAULT))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("Det 'odd'");
  }
}
