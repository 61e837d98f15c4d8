package dev.lathe.compress.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.compress.ForeignModels;
import dev.lathe.compress.Networks;
import dev.lathe.compress.Simplification;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChannelGroupsTest {

  private static OnnxGraph read(String name) {
    return Simplification.of(name.equals("mobile") ? Networks.mobile(3) : ForeignModels.read(name));
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

  @ParameterizedTest
  @CsvSource({"mobile, 10", "resnet, 7", "mobilenetv3, 12", "vit, 2", "bert, 2", "unet, 1"})
  void reorderedChannels_computeTheSame(String name, int least) {
    OnnxGraph model = read(name);
    OnnxGraph changed = model.copy();
    SplittableRandom random = new SplittableRandom(5);
    int free = 0;
    for (ChannelGroup group : ChannelGroups.of(model)) {
      if (!group.fixed()) {
        group.select(changed, order(group.channels(), random));
        free++;
      }
    }
    assertThat(free).isGreaterThanOrEqualTo(least);
    assertThat(ForeignModels.agreement(model, changed)).isGreaterThan(90);
    assertThat(changed.toBytes()).isNotEqualTo(model.toBytes());
  }

  /** A channel that is gone is the same as one that nobody listens to. */
  @ParameterizedTest
  @CsvSource({"mobile", "resnet", "mobilenetv3", "vit", "bert", "unet"})
  void removedChannels_areThoseWhoseReadersAreSilent(String name) {
    OnnxGraph model = read(name);
    OnnxGraph silent = model.copy();
    OnnxGraph pruned = model.copy();
    SplittableRandom random = new SplittableRandom(7);
    for (ChannelGroup group : ChannelGroups.of(model)) {
      if (group.fixed()) {
        continue;
      }
      int[] kept =
          Arrays.copyOf(order(group.channels(), random), Math.max(1, group.channels() * 2 / 3));
      Set<Integer> stays = Arrays.stream(kept).boxed().collect(Collectors.toSet());
      group.readers().forEach(reader -> silence(silent, reader.slot(), stays, group.channels()));
      group.select(pruned, kept);
    }
    assertThat(ForeignModels.agreement(silent, pruned)).isGreaterThan(90);
    assertThat(pruned.toBytes().length).isLessThan(model.toBytes().length);
    if (!name.equals("bert")) {
      assertThat(CostReport.of(pruned, 1).macs()).isLessThan(CostReport.of(model, 1).macs());
    }
  }

  private static void silence(OnnxGraph graph, Slot slot, Set<Integer> stays, int channels) {
    TensorValue tensor = graph.initializer(slot.constant()).orElseThrow();
    int inner = slot.block();
    for (int i = slot.axis() + 1; i < tensor.rank(); i++) {
      inner *= (int) tensor.dim(i);
    }
    float[] values = tensor.floats();
    for (int i = 0; i < values.length; i++) {
      if (!stays.contains(i / inner % channels)) {
        values[i] = 0;
      }
    }
    graph.addInitializer(TensorValue.floats(slot.constant(), values, tensor.dims()));
  }

  @Test
  void channelsOfASum_areOneGroupWithThoseOfAllItsParts() {
    OnnxGraph model = read("resnet");
    List<ChannelGroup> groups = ChannelGroups.of(model);
    // The last two blocks share the 48 channels of their sums: two bodies and a shortcut make them.
    assertThat(groups)
        .filteredOn(group -> group.channels() == 48 && !group.fixed())
        .singleElement()
        .satisfies(
            group -> {
              assertThat(group.makers()).hasSize(6);
              assertThat(group.readers()).hasSize(2);
            });
  }
}
