package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Extraction;
import dev.lathe.graph.NetworkGraph;
import dev.lathe.graph.WeightRef.Slice;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileSpace;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExtractionTest {
  private static final RandomStreams STREAMS = new RandomStreams(5);

  @Test
  void extractedNetwork_computesWhatItComputedInTheSupernet() {
    MobileSpace space = Fixtures.space();
    try (WeightStore store = WeightStore.initialised(space.tensors(), STREAMS.at("weights", 0))) {
      for (int i = 0; i < 10; i++) {
        NetworkGraph graph = space.network(space.sample(STREAMS.at("sample", i)));
        Extraction own = Extraction.of(graph);
        Map<String, Safetensors.Values> values = new LinkedHashMap<>();
        graph.nodes().stream()
            .flatMap(node -> node.operator().weights().stream())
            .map(Slice.class::cast)
            .forEach(
                slice ->
                    values.put(
                        slice.tensor(),
                        new Safetensors.Values(slice.shape(), store.values(slice))));
        try (WeightStore extracted = WeightStore.of(values)) {
          assertThat(extracted.shapes()).isEqualTo(own.tensors());
          assertThat(Forward.logits(extracted, own.graph(), 4))
              .isEqualTo(Forward.logits(store, graph, 4));
        }
      }
    }
  }
}
