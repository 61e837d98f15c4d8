package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Extraction;
import dev.lathe.graph.Subnet;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileSpace;
import org.junit.jupiter.api.Test;

class ExtractionTest {
  private static final RandomStreams STREAMS = new RandomStreams(5);

  @Test
  void extractedNetwork_computesWhatItComputedInTheSupernet() {
    MobileSpace space = Fixtures.space();
    try (WeightStore store = WeightStore.initialised(space.specs(), STREAMS.at("weights", 0))) {
      for (int i = 0; i < 10; i++) {
        Subnet subnet = space.subnet(space.sample(STREAMS.at("sample", i)));
        Extraction own = Extraction.of(subnet, space.specs());
        try (WeightStore extracted = store.cut(subnet, own)) {
          assertThat(extracted.specs()).isEqualTo(own.tensors());
          assertThat(Forward.logits(extracted, own.subnet(), 4))
              .isEqualTo(Forward.logits(store, subnet, 4));
        }
      }
    }
  }
}
