package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.graph.WeightRef;
import dev.lathe.graph.WeightRef.Derivation.FakeQuantization;
import dev.lathe.graph.WeightRef.Derivation.Gated;
import dev.lathe.graph.WeightRef.Derivation.Outside;
import dev.lathe.graph.WeightRef.Derived;
import dev.lathe.graph.WeightRef.Gate;
import dev.lathe.graph.WeightRef.Slice;
import dev.lathe.graph.WeightRef.Window;
import dev.lathe.supernet.tensor.Torch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

class WeightsTest {
  private static WeightStore store() {
    float[] values = new float[2 * 5 * 5];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return WeightStore.of(Map.of("k", new Safetensors.Values(List.of(2, 1, 5, 5), values)));
  }

  @Test
  void slice_takesLeadingChannelsAndTheCentreOfKernels() {
    Window centre = Window.centre(5, 3);
    try (WeightStore store = store()) {
      float[] values =
          store.values(new Slice("k", List.of(new Window(0, 1), new Window(0, 1), centre, centre)));
      assertThat(values).containsExactly(6, 7, 8, 11, 12, 13, 16, 17, 18);
    }
  }

  @Test
  void fakeQuantization_roundsOnAGridOfItsChannelAndPassesGradientsThrough() {
    WeightRef quantized = new Derived(new FakeQuantization(4), Slice.leading("k", 2, 1, 5, 5));
    try (WeightStore store = store();
        PointerScope _ = new PointerScope()) {
      float[] values = store.values(quantized);
      double step = 24 / 7.0;
      for (int i = 0; i < 25; i++) {
        assertThat((double) values[i]).isCloseTo(Math.rint(i / step) * step, within(1e-4));
      }
      new Weights(store).resolve(quantized).sum().backward();
      assertThat(Torch.toFloats(store.flatGradients())).containsOnly(1f);
    }
  }

  @Test
  void gate_stepsForwardAndHasTheSigmoidsSlopeBackward() {
    List<Window> centre =
        List.of(new Window(0, 2), new Window(0, 1), Window.centre(5, 3), Window.centre(5, 3));
    WeightRef kernel = Slice.leading("k", 2, 1, 5, 5);
    for (float threshold : new float[] {0.5f, 2}) {
      Map<String, Safetensors.Values> tensors = new LinkedHashMap<>(store().tensors());
      tensors.put("t", new Safetensors.Values(List.of(1), new float[] {threshold}));
      try (WeightStore store = WeightStore.of(tensors);
          PointerScope _ = new PointerScope()) {
        WeightRef ring = new Derived(new Outside(centre), kernel);
        double norm = 0;
        for (float value : store.values(ring)) {
          norm += (double) value * value;
        }
        norm = Math.sqrt(norm);
        Gate.OfNorm gate = new Gate.OfNorm(ring, Slice.leading("t", 1), norm, true);
        double margin = 1 - threshold;
        assertThat(store.margin(gate)).isCloseTo(margin, within(1e-6));
        WeightRef gated = new Derived(new Gated(List.of(gate), centre), kernel);
        float[] all = store.values(kernel);
        float[] values = store.values(gated);
        assertThat(values[12]).isEqualTo(all[12]);
        assertThat(values[4]).isEqualTo(margin >= 0 ? all[4] : 0);

        new Weights(store).gate(gate).backward();
        double sigmoid = 1 / (1 + Math.exp(-margin));
        double slope = sigmoid * (1 - sigmoid);
        float[] gradients = Torch.toFloats(store.flatGradients());
        int t = Math.toIntExact(store.offset("t"));
        int k = Math.toIntExact(store.offset("k"));
        assertThat((double) gradients[t]).isCloseTo(-slope, within(1e-6));
        assertThat(gradients[k + 12]).isZero();
        assertThat((double) gradients[k + 4])
            .isCloseTo(slope * all[4] / (norm * norm), within(1e-7));

        Gate.OfNorm learnsClosed = new Gate.OfNorm(ring, Slice.leading("t", 1), norm, false);
        assertThat(new Weights(store).gate(learnsClosed).requires_grad()).isEqualTo(margin < 0);
        assertThat(new Weights(store).gate(new Gate.Closed(learnsClosed)).item_float()).isZero();
        assertThat(new Weights(store).gate(new Gate.Closed(learnsClosed)).requires_grad()).isTrue();
      }
    }
  }

  @Test
  void unknownTensor_isNamed() {
    try (WeightStore store = store()) {
      assertThatThrownBy(() -> store.values(Slice.leading("nowhere", 1)))
          .hasMessageContaining("nowhere");
    }
  }
}
