package dev.lathe.compress.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.compress.ForeignModels;
import dev.lathe.compress.MobileNetV2;
import dev.lathe.compress.Networks;
import dev.lathe.compress.Simplification;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.space.elastic.Cut;
import dev.lathe.space.elastic.ElasticStructure;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ChannelPruningTest {
  private static OnnxGraph pruned(OnnxGraph model, boolean reconstruct) {
    ChannelPruning.Result result =
        ChannelPruning.apply(
            Simplification.of(model),
            new ChannelPruning.Settings(0.25, 4, reconstruct),
            MobileNetV2.noise(28, 64, 3),
            64);
    assertThat(result.after()).isBetween(result.before() * 6 / 10, result.before() * 8 / 10);
    return result.graph();
  }

  @ParameterizedTest
  @CsvSource({"mobile, 10", "resnet, 7", "mobilenetv3, 12", "vit, 2", "bert, 2", "unet, 1"})
  void modelsOfManyKinds_haveChannelsThatCanLeave(String name, int least) {
    OnnxGraph model =
        Simplification.of(name.equals("mobile") ? Networks.mobile(3) : ForeignModels.read(name));
    ElasticStructure structure = ElasticStructure.of(model);
    assertThat(structure.groups()).hasSizeGreaterThanOrEqualTo(least);
    SplittableRandom random = new SplittableRandom(5);
    int[][] orders =
        structure.groups().stream().map(group -> order(group.size(), random)).toArray(int[][]::new);
    OnnxGraph changed = Cut.of(structure, orders, Set.of()).graph();
    assertThat(ForeignModels.agreement(model, changed)).isGreaterThan(90);
  }

  private static int[] order(int channels, SplittableRandom random) {
    int[] order = IntStream.range(0, channels).toArray();
    for (int i = channels - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
    return order;
  }

  @Test
  void elimination_keepsOneOfTwoEqualChannelsBeforeTheSecond() {
    // Two channels that say the same are worth one; by energy both are worth much.
    OnnxGraph model = twins();
    ChannelReaders readers =
        ChannelReaders.of(ElasticStructure.of(model), ForeignModels.noise(model, 200), 200);
    int[] energy = ChannelOrder.ENERGY.orders(readers)[0];
    assertThat(new int[] {energy[0], energy[1]}).containsExactlyInAnyOrder(0, 1);
    int[] order = ChannelOrder.ELIMINATION.orders(readers)[0];
    assertThat(new int[] {order[0], order[3]}).containsExactlyInAnyOrder(0, 1);
    int[][] kept = {{order[0], order[1], order[2]}};
    Cut cut = Cut.of(readers.structure(), kept, Set.of());
    assertThat(ForeignModels.agreement(model, new Refitting(readers).graph(cut)))
        .isGreaterThan(30)
        .isGreaterThan(ForeignModels.agreement(model, cut.graph()) + 15);
  }

  private static OnnxGraph twins() {
    OnnxGraph graph = OnnxGraph.create("twins", 17);
    graph.addInput(
        new ValueInfo(
            "x", ElementType.FLOAT, List.of(new Dimension.Symbolic("N"), new Dimension.Fixed(4))));
    float[] first = {3, 0, 0, 0, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    float[] second = {1, 1, 1, 1, -1, -1, 1, -1};
    graph.addInitializer(TensorValue.floats("w", first, 4, 4));
    graph.addInitializer(TensorValue.floats("v", second, 2, 4));
    Attribute transposed = Attribute.integer("transB", 1);
    graph.add(OnnxNode.of("Gemm", "first", List.of("x", "w"), List.of("h"), transposed));
    graph.add(OnnxNode.of("Gemm", "second", List.of("h", "v"), List.of("y"), transposed));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
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
