package dev.lathe.compress.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.compress.ForeignModels;
import dev.lathe.compress.MobileNetV2;
import dev.lathe.compress.Networks;
import dev.lathe.compress.Simplification;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChannelPruningTest {
  private static OnnxGraph pruned(OnnxGraph model, boolean reconstruct) {
    OnnxGraph graph = Simplification.of(model);
    ChannelPruning.Result result =
        ChannelPruning.apply(
            graph,
            new ChannelPruning.Settings(0.25, 4, reconstruct),
            MobileNetV2.noise(28, 64, 3),
            64);
    assertThat(result.after()).isBetween(result.before() * 6 / 10, result.before() * 8 / 10);
    return graph;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void refittedReaders_loseLessThanReadersLeftAlone(long seed) {
    OnnxGraph model = Networks.mobile(seed);
    OnnxGraph alone = pruned(model, false);
    OnnxGraph refitted = pruned(model, true);
    assertThat(CostReport.of(refitted, 1).macs())
        .isLessThan(CostReport.of(model, 1).macs() * 7 / 10)
        .isEqualTo(CostReport.of(alone, 1).macs());
    assertThat(ForeignModels.agreement(model, refitted))
        .isGreaterThan(ForeignModels.agreement(model, alone) + 2);
  }
}
