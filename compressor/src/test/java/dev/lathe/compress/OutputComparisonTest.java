package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OutputComparisonTest {
  private static OnnxGraph product(double error) {
    SplittableRandom random = new SplittableRandom(3);
    float[] weights = new float[8 * 4];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (random.nextGaussian() + error * random.nextGaussian());
    }
    OnnxGraph graph = OnnxGraph.create("product", 17);
    graph.addInput(value("x", 8));
    graph.addInitializer(TensorValue.floats("w", weights, 8, 4));
    graph.add(OnnxNode.of("MatMul", "p", List.of("x", "w"), List.of("y")));
    graph.addOutput(value("y", 4));
    return graph;
  }

  private static ValueInfo value(String name, long size) {
    return new ValueInfo(name, ElementType.FLOAT, List.of(Dimension.of("n"), Dimension.of(size)));
  }

  private static OutputError error(OnnxGraph found, int items, long seed) {
    OnnxGraph original = product(0);
    return OutputComparison.of(original, found, Noise.of(original, items, seed), items)
        .outputs()
        .getFirst();
  }

  /** The figure on all inputs lies in the interval of 24 inputs nineteen times of twenty. */
  @Test
  void interval_hasTheFigureAsOftenAsItSays() {
    OnnxGraph other = product(0.1);
    double all = error(other, 4000, 99).sqnrDecibels();
    int inside = 0;
    int trials = 60;
    for (int trial = 0; trial < trials; trial++) {
      OutputError few = error(other, 24, trial);
      assertThat(few.sqnrDecibels()).isBetween(few.lower95(), few.upper95());
      inside += all >= few.lower95() && all <= few.upper95() ? 1 : 0;
    }
    assertThat(inside / (double) trials).isBetween(0.88, 1.0);
    OutputError many = error(other, 1000, 7);
    assertThat(many.upper95() - many.lower95()).isLessThan(1);
    assertThat(many.sqnrDecibels()).isCloseTo(all, within(0.5));
  }

  @Test
  void oneInput_hasNoInterval_andEqualOutputsNoDoubt() {
    assertThat(error(product(0.1), 1, 1).lower95()).isNaN();
    assertThat(error(product(0), 4, 1).lower95()).isEqualTo(Double.POSITIVE_INFINITY);
  }
}
