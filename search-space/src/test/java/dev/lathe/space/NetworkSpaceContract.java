package dev.lathe.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.NormStatistics;
import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import dev.lathe.graph.WeightRef;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What every space of networks must keep. */
public abstract class NetworkSpaceContract {
  private static final int SAMPLES = 12;
  private static final int COUNTABLE = 50_000;

  private final RandomGenerator random = new RandomStreams(11).at("contract", 0);

  /** A space, best one small enough to be counted. */
  protected abstract NetworkSpace space();

  private List<Architecture> samples(NetworkSpace space) {
    List<Architecture> samples = new ArrayList<>(List.of(space.largest(), space.smallest()));
    for (int i = 0; i < SAMPLES; i++) {
      samples.add(space.sample(random));
    }
    return samples;
  }

  @Test
  void activeGenes_changeTheNetworkAndOthersDoNot() {
    NetworkSpace space = space();
    for (Architecture architecture : samples(space)) {
      boolean[] active = space.active(architecture);
      String network = spelled(space.subnet(architecture));
      for (int gene = 0; gene < active.length; gene++) {
        int other = (architecture.choice(gene) + 1) % space.genes().get(gene).size();
        String changed = spelled(space.subnet(architecture.with(gene, other)));
        assertThat(changed.equals(network))
            .as("gene %s of %s", space.genes().get(gene).name(), space.describe(architecture))
            .isNotEqualTo(active[gene]);
      }
    }
  }

  private static String spelled(Subnet subnet) {
    StringBuilder text = new StringBuilder(subnet.graph().inputs().toString());
    for (OnnxNode node : subnet.graph().nodes()) {
      text.append(node.proto());
    }
    return text.append(subnet.weights()).toString();
  }

  @Test
  void size_isTheNumberOfCanonicalArchitectures() {
    NetworkSpace space = space();
    if (space.size().compareTo(BigInteger.valueOf(COUNTABLE)) <= 0 && space.all().isPresent()) {
      assertThat(space.size()).isEqualTo(BigInteger.valueOf(space.all().get().count()));
    }
  }

  @Test
  void extremes_boundTheMultiplyAddsOfAll() {
    NetworkSpace space = space();
    long least = MacsSpread.macs(space, space.smallest());
    long most = MacsSpread.macs(space, space.largest());
    for (Architecture architecture : samples(space)) {
      assertThat(MacsSpread.macs(space, architecture)).isBetween(least, most);
    }
    assertThat(space.canonical(space.largest())).isEqualTo(space.largest());
    assertThat(space.canonical(space.smallest())).isEqualTo(space.smallest());
  }

  @Test
  void weights_lieInTheTensors() {
    NetworkSpace space = space();
    Map<String, TensorSpec> specs = space.specs();
    for (Architecture architecture : samples(space)) {
      for (WeightRef.Slice slice : space.subnet(architecture).slices()) {
        List<Integer> full = specs.get(slice.tensor()).shape();
        assertThat(slice.windows()).hasSameSizeAs(full);
        for (int d = 0; d < full.size(); d++) {
          WeightRef.Window window = slice.windows().get(d);
          assertThat(window.offset() + window.length()).isLessThanOrEqualTo(full.get(d));
        }
      }
    }
  }

  @Test
  void architectures_surviveDescription() {
    NetworkSpace space = space();
    for (Architecture architecture : samples(space)) {
      assertThat(space.parse(space.describe(architecture))).isEqualTo(architecture);
      assertThat(space.canonical(architecture)).isEqualTo(architecture);
    }
  }

  @Test
  void outline_hasTheShapesOfWhatRuns() {
    NetworkSpace space = space();
    Stored stored = new Stored(space.specs());
    for (Architecture architecture :
        List.of(space.largest(), space.smallest(), space.sample(random))) {
      Subnet subnet = space.subnet(architecture);
      assertThat(CostReport.of(subnet.outline(), 1))
          .isEqualTo(CostReport.of(subnet.export(stored::values, stored.statistics(subnet)), 1));
    }
  }

  @Test
  void channelGroups_canBePermuted() {
    NetworkSpace space = space();
    List<ChannelGroup> groups = space.channelGroups();
    for (Architecture architecture : List.of(space.largest(), space.sample(random))) {
      Subnet subnet = space.subnet(architecture);
      Stored stored = new Stored(space.specs());
      float[] before = answers(subnet, stored);
      stored.permute(subnet, groups);
      assertThat(answers(subnet, stored))
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(before);
    }
  }

  private static float[] answers(Subnet subnet, Stored stored) {
    byte[] file = subnet.export(stored::values, stored.statistics(subnet)).toBytes();
    TensorType type =
        ShapeInference.infer(subnet.graph(), 2).get(subnet.graph().inputs().getFirst().name());
    float[] input = new float[(int) type.elements()];
    Random draw = new Random(5);
    for (int i = 0; i < input.length; i++) {
      input[i] = (float) draw.nextGaussian();
    }
    try (OrtModel model = OrtModel.open(file, OrtModel.Options.LITERAL)) {
      String name = subnet.graph().inputs().getFirst().name();
      assertThat(type.type()).isEqualTo(ElementType.FLOAT);
      return model
          .run(Map.of(name, TensorValue.floats(name, input, type.dims())))
          .values()
          .iterator()
          .next()
          .floats();
    }
  }

  /** Tensors of a space with random values, and statistics that belong to stored channels. */
  private static final class Stored {
    private final Map<String, TensorSpec> specs;
    private final Map<String, float[]> tensors = new LinkedHashMap<>();

    Stored(Map<String, TensorSpec> specs) {
      this.specs = specs;
      Random draw = new Random(3);
      specs.forEach(
          (name, spec) -> {
            float[] values = spec.initializer().draw(spec.shape(), draw);
            if (spec.shape().size() == 1) {
              for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.3 * draw.nextGaussian());
              }
            }
            tensors.put(name, values);
          });
    }

    float[] values(WeightRef reference) {
      return switch (reference) {
        case WeightRef.Slice slice -> cut(slice);
        case WeightRef.Reshaped(List<Integer> _, WeightRef source) -> values(source);
        case WeightRef.Joined joined -> joined(joined);
        default -> throw new AssertionError(reference);
      };
    }

    private float[] joined(WeightRef.Joined joined) {
      assertThat(joined.axis()).isZero();
      float[] all = new float[(int) joined.count()];
      int at = 0;
      for (WeightRef part : joined.parts()) {
        float[] values = values(part);
        System.arraycopy(values, 0, all, at, values.length);
        at += values.length;
      }
      return all;
    }

    private float[] cut(WeightRef.Slice slice) {
      List<Integer> full = specs.get(slice.tensor()).shape();
      float[] source = tensors.get(slice.tensor());
      float[] out = new float[(int) slice.count()];
      for (int i = 0; i < out.length; i++) {
        int rest = i;
        int at = 0;
        int stride = 1;
        for (int d = full.size() - 1; d >= 0; d--) {
          WeightRef.Window window = slice.windows().get(d);
          at += (rest % window.length() + window.offset()) * stride;
          rest /= window.length();
          stride *= full.get(d);
        }
        out[i] = source[at];
      }
      return out;
    }

    /** Mean 0 and variance 1: the same for all channels, so that these may change places. */
    NormStatistics statistics(Subnet subnet) {
      Map<String, NormStatistics.Moments> moments = new LinkedHashMap<>();
      for (WeightRef reference : subnet.weights().values()) {
        if (reference instanceof WeightRef.Moment moment) {
          float[] variance = new float[moment.channels()];
          java.util.Arrays.fill(variance, 1);
          moments.put(
              moment.norm(), new NormStatistics.Moments(new float[moment.channels()], variance));
        }
      }
      return new NormStatistics(moments);
    }

    /** Permutes the channels of each group that a network uses. */
    void permute(Subnet subnet, List<ChannelGroup> groups) {
      Map<String, List<Integer>> used = new LinkedHashMap<>();
      subnet.slices().forEach(slice -> used.put(slice.tensor(), slice.shape()));
      for (ChannelGroup group : groups) {
        List<ChannelGroup.Axis> axes =
            group.axes().stream().filter(axis -> used.containsKey(axis.tensor())).toList();
        if (axes.isEmpty()) {
          continue;
        }
        int channels = used.get(axes.getFirst().tensor()).get(axes.getFirst().dimension());
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < channels; i++) {
          order.add(i);
        }
        Collections.shuffle(order, new Random(9));
        axes.forEach(axis -> permute(axis, order));
      }
    }

    private void permute(ChannelGroup.Axis axis, List<Integer> order) {
      List<Integer> shape = specs.get(axis.tensor()).shape();
      int inner = shape.stream().skip(axis.dimension() + 1L).reduce(1, Math::multiplyExact);
      int extent = shape.get(axis.dimension());
      float[] before = tensors.get(axis.tensor());
      float[] after = before.clone();
      for (int outer = 0; outer < before.length; outer += extent * inner) {
        for (int i = 0; i < order.size(); i++) {
          System.arraycopy(before, outer + order.get(i) * inner, after, outer + i * inner, inner);
        }
      }
      tensors.put(axis.tensor(), after);
    }
  }
}
