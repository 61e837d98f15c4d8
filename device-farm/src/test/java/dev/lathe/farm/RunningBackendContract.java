package dev.lathe.farm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What every back end promises besides that runs networks itself: that it computes what they say.
 */
public abstract class RunningBackendContract extends MeasurementBackendContract {
  /** Five models that it can run. */
  protected List<Path> fiveModels() {
    List<Path> models = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      models.add(TestModels.file(folder, "m" + i + ".onnx", TestModels.mobile(4 + i, i, 16 + i)));
    }
    return models;
  }

  @Test
  void outputs_ofFiveModels_areThoseOfOnnxRuntimeWithoutOptimisation() throws Exception {
    List<Path> models = fiveModels();
    assertThat(models).hasSize(5);
    for (Path model : models) {
      Measurement found = backend().measure(model, MeasurementProtocol.quick(1));
      double[] output =
          Arrays.stream(found.environment().get(Measurement.OUTPUT).split(",", -1))
              .mapToDouble(Double::parseDouble)
              .toArray();
      float[] expected = expected(OnnxGraph.read(model));
      double range = 1e-9;
      for (float value : expected) {
        range = Math.max(range, Math.abs(value));
      }
      assertThat(output).hasSize(Math.min(16, expected.length));
      for (int i = 0; i < output.length; i++) {
        assertThat(output[i])
            .as("%s, value %d", model.getFileName(), i)
            .isCloseTo(expected[i], within(1e-3 * range));
      }
    }
  }

  private static float[] expected(OnnxGraph graph) {
    Map<String, TensorType> types = ShapeInference.infer(graph, 1);
    long[] shape = types.get(graph.inputs().getFirst().name()).dims();
    float[] input = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    Random random = new Random(1);
    for (int i = 0; i < input.length; i++) {
      input[i] = (float) random.nextGaussian();
    }
    try (OrtModel model = OrtModel.open(graph.toBytes(), OrtModel.Options.LITERAL)) {
      return model.run(input, shape);
    }
  }
}
