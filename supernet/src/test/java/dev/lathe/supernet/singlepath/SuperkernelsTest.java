package dev.lathe.supernet.singlepath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.graph.Subnet;
import dev.lathe.latency.singlepath.Gates;
import dev.lathe.latency.singlepath.RuntimeModel;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.family.SpaceFiles;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.space.mobile.MobileSpec;
import dev.lathe.supernet.Forward;
import dev.lathe.supernet.Safetensors;
import dev.lathe.supernet.TinyTask;
import dev.lathe.supernet.WeightStore;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SuperkernelsTest {
  private static final RandomStreams STREAMS = new RandomStreams(8);

  private final Superkernels kernels = TinySearch.kernels();

  /** Thresholds so high that the gates of value 0 are closed, so low that the others are open. */
  private static void set(WeightStore store, Superkernels kernels, double[] values) {
    Map<String, Safetensors.Values> tensors = new LinkedHashMap<>(store.tensors());
    for (int i = 0; i < values.length; i++) {
      Superkernels.Position position = kernels.positions().get(i);
      String name = kernels.blocks().get(position.block()).threshold(position.kind());
      tensors.put(
          name, new Safetensors.Values(List.of(1), new float[] {values[i] == 1 ? -1 : 100}));
    }
    store.load(tensors);
  }

  @Test
  void gatedNetwork_computesWhatTheChosenArchitectureDoes() {
    Set<Architecture> seen = new HashSet<>();
    try (WeightStore store = WeightStore.initialised(kernels.specs(), STREAMS.at("weights", 0))) {
      for (int i = 0; i < 30; i++) {
        RandomGenerator random = STREAMS.at("gates", i);
        double[] values =
            random.ints(kernels.positions().size(), 0, 2).mapToDouble(v -> v).toArray();
        set(store, kernels, values);
        List<Gates> gates = kernels.gates(values);
        Architecture architecture = kernels.architecture(gates);
        seen.add(architecture);
        Subnet chosen = kernels.space().subnet(architecture);
        Subnet byNorm =
            kernels.network(kernels.blocks().stream().map(_ -> Superkernels.FREE).toList());
        float[] expected = Forward.logits(store, chosen, 4);
        assertThat(Forward.logits(store, byNorm, 4)).containsExactly(expected, within(1e-4f));
        set(store, kernels, kernels.positions().stream().mapToDouble(_ -> 1).toArray());
        assertThat(Forward.logits(store, kernels.network(gates), 4))
            .containsExactly(expected, within(1e-4f));
      }
    }
    assertThat(seen.size()).isGreaterThan(15);
  }

  @Test
  void freshGates_areOpenByAboutOne() {
    try (WeightStore store = WeightStore.initialised(kernels.specs(), STREAMS.at("weights", 0))) {
      assertThat(kernels.gates())
          .allSatisfy(gate -> assertThat(store.margin(gate)).isCloseTo(1, within(0.35)));
    }
  }

  @Test
  void runtimes_followThePredictorTheyAreMadeFrom() {
    Superkernels small =
        new Superkernels(
            new MobileSpace(
                Superkernels.searchable((MobileSpec) SpaceFiles.builtin("mobile-28")), 10));
    RuntimeModel runtimes =
        SuperkernelRuntimes.of(small, a -> 1e-3 * MacsSpread.macs(small.space(), a));
    for (int i = 0; i < 50; i++) {
      RandomGenerator random = STREAMS.at("gates", i);
      double[] values = random.ints(small.positions().size(), 0, 2).mapToDouble(v -> v).toArray();
      List<Gates> gates = small.gates(values);
      double macs = 1e-3 * MacsSpread.macs(small.space(), small.architecture(gates));
      assertThat(runtimes.millis(gates)).isCloseTo(macs, within(0.06 * macs));
    }
  }

  @Test
  void spaceWithMoreChoices_isRefused() {
    assertThatThrownBy(() -> new Superkernels(TinyTask.space()))
        .hasMessageContaining("tiny")
        .hasMessageContaining("searchable");
  }
}
