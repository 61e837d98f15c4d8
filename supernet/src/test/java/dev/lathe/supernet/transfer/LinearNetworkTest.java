package dev.lathe.supernet.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.data.Batches;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.data.Progress;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.supernet.Workers;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LinearNetworkTest {
  private static DataSet data;
  private static LinearNetwork network;

  @BeforeAll
  static void fit() {
    data = DataSets.load("builtin", DataOptions.of(1).withAtMost(300, 10, 300), Progress.none());
    try (Workers workers = new Workers(2)) {
      network = LinearNetwork.fit(gradients(data.normalization()), 28, data, 1000, 1, workers);
    }
  }

  private static OnnxGraph gradients(Normalization normalization) {
    return GradientFeatures.of(28, normalization);
  }

  @Test
  void fittedGraph_isFarAboveChance_asItsCrossValidationSays() {
    double right = accuracy(network.graph(), data.normalization());
    assertThat(right).isGreaterThan(0.3);
    assertThat(network.crossValidated().top1()).isCloseTo(right, within(0.1));
    assertThat(network.crossValidated().images()).isEqualTo(300);
  }

  @Test
  void features_doNotDependOnNormalization_butForColours() {
    Normalization other = new Normalization(new float[3], new float[] {1, 1, 1});
    float[] a = features(data.normalization());
    float[] b = features(other);
    for (int i = 0; i < a.length - 48; i++) {
      assertThat(b[i]).isCloseTo(a[i], within(2e-2f));
    }
  }

  @Test
  void backbone_isTheNetworkWithoutItsHead_whateverTheNormalization() {
    OnnxGraph trained = network.graph().copy();
    Normalization own = data.normalization();
    trained
        .metadata()
        .put(
            "lathe.preprocessing",
            dev.lathe.data.picture.Preprocessing.of(28, own.mean(), own.std()).toJson());
    Normalization other =
        new Normalization(new float[] {.1f, .2f, .3f}, new float[] {.4f, .5f, .6f});
    Backbone backbone = Backbone.of(trained, other);
    assertThat(backbone.side()).isEqualTo(28);
    float[] expected = run(gradients(own), own);
    float[] found = run(backbone.features(), other);
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).isCloseTo(expected[i], within(1e-3f));
    }
  }

  @Test
  void backboneWithoutALinearHead_isRefusedByItsLastNode() {
    assertThatThrownBy(() -> Backbone.of(gradients(data.normalization()), data.normalization()))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("features");
  }

  private static float[] features(Normalization normalization) {
    return run(gradients(normalization), normalization);
  }

  private static float[] run(OnnxGraph graph, Normalization normalization) {
    LabelledImages images = data.test();
    try (OrtModel model = OrtModel.open(graph.toBytes(), OrtModel.Options.DEPLOYED)) {
      return model.run(Batches.of(images, 0, 1, normalization), 1, 3, 28, 28);
    }
  }

  private static double accuracy(OnnxGraph graph, Normalization normalization) {
    LabelledImages images = data.test();
    try (OrtModel model = OrtModel.open(graph.toBytes(), OrtModel.Options.DEPLOYED)) {
      float[] logits =
          model.run(Batches.of(images, 0, images.size(), normalization), images.size(), 3, 28, 28);
      return dev.lathe.data.Accuracy.of(logits, 10, images.labels()).top1();
    }
  }
}
