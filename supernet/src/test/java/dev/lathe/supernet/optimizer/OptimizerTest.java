package dev.lathe.supernet.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.graph.Initializer;
import dev.lathe.graph.TensorSpec;
import dev.lathe.supernet.optimizer.Optimizer.Choice;
import dev.lathe.supernet.tensor.Torch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {
  private static final Map<String, TensorSpec> SPECS = new LinkedHashMap<>();

  static {
    SPECS.put("w", TensorSpec.weights(List.of(6, 4), new Initializer.KaimingFanOut()));
    SPECS.put("b", TensorSpec.vector(List.of(6), Initializer.zeros()));
  }

  static Stream<Choice> choices() {
    return Stream.of(
        new Choice.Sgd(0.9, 1e-4), Choice.AdamW.of(0.01), new Choice.Orthogonal(0.9, 0.01, 1));
  }

  private static float[] random(int seed) {
    Random random = new Random(seed);
    float[] values = new float[30];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Parameters parameters() {
    return new Parameters(SPECS, Torch.floats(random(1), 30), Torch.floats(random(2), 30));
  }

  /** Half the squared distance from another point: its gradient is the difference. */
  private static void slope(Parameters parameters, Tensor goal) {
    try (PointerScope _ = new PointerScope()) {
      parameters.gradients().copy_(parameters.values().sub(goal));
    }
  }

  private static double distance(Parameters parameters, Tensor goal) {
    try (PointerScope _ = new PointerScope()) {
      return parameters.values().sub(goal).norm().item_double();
    }
  }

  @ParameterizedTest
  @MethodSource("choices")
  void optimizer_comesNearTheLeast(Choice choice) {
    Parameters parameters = parameters();
    Tensor goal = Torch.floats(random(3), 30);
    double before = distance(parameters, goal);
    try (Optimizer optimizer = Optimizer.of(choice, parameters)) {
      for (int step = 0; step < 400; step++) {
        slope(parameters, goal);
        optimizer.step(0.05 * (1 - step / 400.0));
      }
    }
    assertThat(distance(parameters, goal)).isLessThan(0.1 * before);
  }

  @ParameterizedTest
  @MethodSource("choices")
  void stateTakenBack_goesOnAlike(Choice choice) {
    Tensor goal = Torch.floats(random(3), 30);
    Parameters unbroken = parameters();
    Parameters broken = parameters();
    try (Optimizer one = Optimizer.of(choice, unbroken);
        Optimizer first = Optimizer.of(choice, broken);
        Optimizer second = Optimizer.of(choice, broken)) {
      for (int step = 0; step < 6; step++) {
        slope(unbroken, goal);
        one.step(0.01);
        if (step == 3) {
          second.restore(first.state());
        }
        slope(broken, goal);
        (step < 3 ? first : second).step(0.01);
      }
    }
    assertThat(Torch.toFloats(broken.values())).isEqualTo(Torch.toFloats(unbroken.values()));
  }

  @ParameterizedTest
  @MethodSource("choices")
  void decay_sparesVectors(Choice choice) {
    Parameters parameters = parameters();
    parameters.gradients().zero_();
    float[] before = Torch.toFloats(parameters.values());
    try (Optimizer optimizer = Optimizer.of(choice, parameters)) {
      optimizer.step(0.5);
    }
    float[] after = Torch.toFloats(parameters.values());
    for (int i = 0; i < 30; i++) {
      if (i < 24) {
        assertThat(Math.abs(after[i])).isLessThan(Math.abs(before[i]));
      } else {
        assertThat(after[i]).isEqualTo(before[i]);
      }
    }
  }

  @Test
  void orthogonalised_hasSingularValuesNearOne() {
    try (PointerScope _ = new PointerScope()) {
      Tensor matrix = Torch.scopedFloats(random(5), 6, 5);
      Tensor direction = OrthogonalMomentum.orthogonal(matrix);
      double squares = 0;
      for (float value : Torch.toFloats(direction)) {
        squares += value * value;
      }
      // five singular values, each within the polynomial's band around 1
      assertThat(squares).isCloseTo(5, within(2.5));
      // the same singular vectors: the product of one with the other's transpose is symmetric
      float[] product =
          Torch.toFloats(org.bytedeco.pytorch.global.torch.matmul(direction, matrix.t()));
      for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 6; j++) {
          assertThat((double) product[i * 6 + j]).isCloseTo(product[j * 6 + i], within(1e-3));
        }
      }
    }
  }

  @Test
  void stateOfAnotherOptimizer_isRefusedByName() {
    Parameters parameters = parameters();
    try (Optimizer adam = Optimizer.of(Choice.AdamW.of(0), parameters)) {
      assertThatThrownBy(() -> adam.restore(Map.of("velocity", new float[30])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("mean");
    }
  }
}
