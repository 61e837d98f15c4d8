package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SmoothQuantizationTest {
  @ParameterizedTest
  @CsvSource({"bert, 4, 0.5", "vit, 4, 0.5", "bert, 4, 0.8"})
  void smoothedTransformer_computesTheSame(String name, int norms, double alpha) {
    OnnxGraph model = Simplification.of(ForeignModels.read(name));
    OnnxGraph smooth = model.copy();
    assertThat(SmoothQuantization.apply(smooth, ForeignModels.noise(model, 8), alpha, 8))
        .isEqualTo(norms);
    assertThat(ForeignModels.agreement(model, smooth)).isGreaterThan(90);
  }

  /** Two channels of every norm a hundred times larger, their weights as much smaller. */
  private static OnnxGraph withOutliers() {
    OnnxGraph graph = Simplification.of(ForeignModels.read("vit"));
    for (OnnxNode norm : List.copyOf(graph.nodes())) {
      if (!norm.is("LayerNormalization")) {
        continue;
      }
      for (OnnxNode product : graph.consumers(norm.output())) {
        String weight = product.inputs().get(1);
        int columns = (int) graph.initializer(weight).orElseThrow().dim(1);
        graph.replace(
            product, List.of(product.withInput(1, scaled(graph, weight, 2 * columns, 0.01f))));
      }
      // Norms of equal constants share them in this file.
      graph.replace(
          norm,
          List.of(
              norm.withInput(1, scaled(graph, norm.inputs().get(1), 2, 100f))
                  .withInput(2, scaled(graph, norm.inputs().get(2), 2, 100f))));
    }
    return graph;
  }

  private static String scaled(OnnxGraph graph, String name, int count, float factor) {
    TensorValue tensor = graph.initializer(name).orElseThrow();
    float[] values = tensor.floats();
    for (int i = 0; i < count; i++) {
      values[i] *= factor;
    }
    String copy = graph.freshName(name);
    graph.addInitializer(TensorValue.floats(copy, values, tensor.dims()));
    return copy;
  }

  @Test
  void outliers_costLittleAfterSmoothing() {
    OnnxGraph model = ForeignModels.read("vit");
    OnnxGraph outliers = withOutliers();
    assertThat(ForeignModels.agreement(model, outliers)).isGreaterThan(90);
    Noise noise = ForeignModels.noise(model, 16);
    OnnxGraph smooth = outliers.copy();
    SmoothQuantization.apply(smooth, noise, 0.5, 16);
    double without = decibels(model, noise);
    double plain = decibels(outliers, noise);
    double smoothed = decibels(smooth, noise);
    assertThat(plain).isLessThan(without - 10);
    assertThat(smoothed).isGreaterThan(plain + 10).isGreaterThan(without - 4);
  }

  private static double decibels(OnnxGraph model, Noise noise) {
    return Int8Quantization.quantize(model, noise, Int8Options.DEFAULT).report().outputDecibels();
  }

  @Test
  void networkWithoutLayerNorms_isLeftAlone() {
    OnnxGraph model = Simplification.of(Networks.mobile(1));
    byte[] before = model.toBytes();
    assertThat(SmoothQuantization.apply(model, ForeignModels.noise(model, 2), 0.5, 2)).isZero();
    assertThat(model.toBytes()).isEqualTo(before);
  }

  @Test
  void alphaOutOfRange_isRefused() {
    OnnxGraph model = Networks.mobile(1);
    assertThatThrownBy(() -> SmoothQuantization.apply(model, ForeignModels.noise(model, 2), 1.5, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1.5");
  }
}
