package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.graph.WeightRef;
import dev.lathe.graph.WeightRef.Derivation.FakeQuantization;
import dev.lathe.graph.WeightRef.Derived;
import dev.lathe.graph.WeightRef.Slice;
import dev.lathe.graph.WeightRef.Window;
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
  void unknownTensor_isNamed() {
    try (WeightStore store = store()) {
      assertThatThrownBy(() -> store.values(Slice.leading("nowhere", 1)))
          .hasMessageContaining("nowhere");
    }
  }
}
