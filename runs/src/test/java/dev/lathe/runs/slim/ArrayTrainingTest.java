package dev.lathe.runs.slim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Noise;
import dev.lathe.data.Progress;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.supernet.Loss;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.onnx.FineTuner;
import dev.lathe.supernet.onnx.FineTuning;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ArrayTrainingTest {
  private static final int WORDS = 11;
  private static final int WIDTH = 6;

  /** Token ids [N, 4] → embeddings → projected [N, 4, 6]: no logits. */
  private static OnnxGraph encoder(long seed, double noise) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] table = values(random, WORDS * WIDTH);
    float[] weights = values(random, WIDTH * WIDTH);
    for (int i = 0; i < weights.length; i++) {
      weights[i] += (float) (noise * random.nextGaussian());
    }
    OnnxGraph graph = OnnxGraph.create("encoder", 17);
    graph.addInput(info("ids", ElementType.INT64, 4));
    graph.addInitializer(TensorValue.floats("table", table, WORDS, WIDTH));
    graph.addInitializer(TensorValue.floats("w", weights, WIDTH, WIDTH));
    graph.add(
        OnnxNode.of(
            "Gather",
            "embed",
            List.of("table", "ids"),
            List.of("e"),
            Attribute.integer("axis", 0)));
    graph.add(OnnxNode.of("MatMul", "project", List.of("e", "w"), List.of("y")));
    graph.addOutput(info("y", ElementType.FLOAT, 4, WIDTH));
    return graph;
  }

  private static float[] values(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static ValueInfo info(String name, ElementType type, long... dims) {
    List<Dimension> shape = new java.util.ArrayList<>(List.of(new Dimension.Symbolic("N")));
    for (long dim : dims) {
      shape.add(new Dimension.Fixed(dim));
    }
    return new ValueInfo(name, type, shape);
  }

  @Test
  void tokens_teachWithoutLabelsByTheOriginalsOutputs() {
    OnnxGraph original = encoder(1, 0);
    OnnxGraph hurt = encoder(1, 0.5);
    CalibrationData items = Noise.of(original, 128, 5);
    Judge judge = new Judge(original, Noise.of(original, 64, 6), new int[0]);
    OnnxGraph tuned;
    try (Workers workers = new Workers(2)) {
      tuned =
          new FineTuner(
                  new FineTuning(150, 32, 2e-2, 0, 2, 1),
                  SlimData.rows(original, items, Long.MAX_VALUE).orElseThrow(),
                  workers)
              .tune(hurt, original, new Loss.Agreement(), Progress.none());
    }
    assertThat(judge.name()).isEqualTo("agreement");
    // The original's weights are within reach, so training must take away most of the error.
    double error = 1 - judge.of(hurt).value();
    assertThat(error).isGreaterThan(0.3);
    assertThat(1 - judge.of(tuned).value()).isLessThan(error / 2);
  }

  @Test
  void examples_areAsManyAsTheMemoryAllows() {
    OnnxGraph original = encoder(1, 0);
    CalibrationData items = Noise.of(original, 128, 5);
    assertThat(SlimData.rows(original, items, 40).orElseThrow().size()).isEqualTo(10);
    assertThat(SlimData.rows(original, items, Long.MAX_VALUE).map(rows -> rows.size()))
        .isEqualTo(Optional.of(128));
  }
}
