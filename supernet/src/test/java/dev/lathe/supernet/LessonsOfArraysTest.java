package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.data.Augmentation;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.optimizer.Optimizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** A model of token ids and an array learns to agree with another's two outputs. */
class LessonsOfArraysTest {
  private static final RandomStreams STREAMS = new RandomStreams(4);

  private static float[] random(int count, int seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static OnnxGraph model(int seed) {
    OnnxGraph graph = OnnxGraph.create("tokens", 17);
    graph.addInput(
        new ValueInfo("ids", ElementType.INT64, List.of(Dimension.of("N"), Dimension.of(3))));
    graph.addInput(
        new ValueInfo("scale", ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of(1))));
    for (String output : List.of("sum", "scaled")) {
      graph.addOutput(
          new ValueInfo(output, ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of(4))));
    }
    graph.addInitializer(TensorValue.floats("table", random(40, seed), 10, 4));
    graph.addInitializer(TensorValue.int64("axes", new long[] {1}, 1));
    graph.add(OnnxNode.of("Gather", "x", List.of("table", "ids"), List.of("x")));
    graph.add(
        OnnxNode.of(
            "ReduceSum",
            "sum",
            List.of("x", "axes"),
            List.of("sum"),
            dev.lathe.onnx.Attribute.integer("keepdims", 0)));
    graph.add(OnnxNode.of("Mul", "scaled", List.of("sum", "scale"), List.of("scaled")));
    return graph;
  }

  private static ArrayExamples examples(int count) {
    long[] ids = new Random(9).longs(3L * count, 0, 10).toArray();
    return new ArrayExamples(
        List.of(
            TensorValue.int64("ids", ids, count, 3),
            TensorValue.floats("scale", random(count, 8), count, 1)),
        Optional.empty());
  }

  @Test
  void student_comesToAgreeWithItsTeacher() {
    OnnxGraph student = model(1);
    Map<String, Safetensors.Values> start = new LinkedHashMap<>();
    start.put("table", new Safetensors.Values(List.of(10, 4), random(40, 1)));
    Map<String, UnaryOperator<Tensor>> seen = Map.of("table", UnaryOperator.identity());
    TrainingSettings settings =
        new TrainingSettings(
            200, 16, 0.05, 0.05, Optimizer.Choice.AdamW.of(0), 1e9, 0, Augmentation.none());
    try (WeightStore store = WeightStore.of(start);
        Workers workers = new Workers(2);
        Network teacher = Network.fixed(model(2));
        Trainer trainer =
            new Trainer(
                store,
                examples(64),
                settings,
                Curriculum.only(
                    new Pupil(
                        Network.of(student, seen),
                        new Loss.Agreement(),
                        Optional.of(new Pupil.Teacher.Fixed(teacher)))),
                STREAMS,
                "arrays",
                workers)) {
      double first = trainer.advance();
      double last = first;
      while (!trainer.finished()) {
        last = trainer.advance();
      }
      assertThat(last).isLessThan(0.05 * first);
    }
  }

  @Test
  void arraysOfDifferentLength_areRefusedByName() {
    assertThatThrownBy(
            () ->
                new ArrayExamples(
                    List.of(
                        TensorValue.floats("a", new float[4], 4, 1),
                        TensorValue.floats("b", new float[3], 3, 1)),
                    Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'b'");
  }

  @Test
  void missingLabels_areTold() {
    Map<String, Safetensors.Values> start =
        Map.of("table", new Safetensors.Values(List.of(10, 4), random(40, 1)));
    Map<String, UnaryOperator<Tensor>> seen = Map.of("table", UnaryOperator.identity());
    try (WeightStore store = WeightStore.of(start);
        Workers workers = new Workers(1);
        Trainer trainer =
            new Trainer(
                store,
                examples(8),
                Fixtures.settings(2),
                Curriculum.only(Pupil.ofLabels(Network.of(model(1), seen))),
                STREAMS,
                "arrays",
                workers)) {
      assertThatThrownBy(trainer::advance).hasMessageContaining("no labels");
    }
  }
}
