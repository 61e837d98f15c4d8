package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.NormStatistics;
import dev.lathe.graph.Subnet;
import dev.lathe.onnx.OrtModel;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.block.Blocks;
import dev.lathe.space.family.SpaceFiles;
import dev.lathe.space.mobile.MobileNetV2;
import dev.lathe.supernet.program.NormEstimate;
import dev.lathe.supernet.program.Norms;
import dev.lathe.supernet.tensor.Torch;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The interpreter and ONNX Runtime compute the same function, for random networks of all spaces.
 */
class ExportAgreementTest {
  private static final RandomStreams STREAMS = new RandomStreams(11);

  @Test
  void hundredArchitecturesOfSmallSpaces_agree() {
    agrees(Fixtures.space(), 40);
    for (String name : List.of("plain-28", "strided-28", "mobile-28", "mobile-32")) {
      agrees(SpaceFiles.builtin(name).space(10), 40);
    }
  }

  static List<String> blocks() {
    return Blocks.names();
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void twentyArchitecturesOfEveryBlock_agree(String block) {
    String text =
        """
        name: %s
        input: {channels: 2, resolution: 12}
        stem: {width: 8, stride: 1}
        stages:
          - {width: [16, 24], depth: [1, 2], stride: 1, block: %s, kernel: [3, 5], expansion: [1, 3], ratio: [0.5, 1]}
          - {width: [16, 32], depth: [1, 2], stride: 2, block: %s, squeezeExcite: [false, true], expansion: 2, activation: [relu, hard-swish]}
        head: {width: 16}
        """;
    agrees(SpaceFiles.read(text.formatted(block, block, block)).space(4), 20);
  }

  @Test
  void hundredTransformers_agree() {
    agrees(
        SpaceFiles.read(
                """
                name: transformers
                family: transformer
                input: {channels: 2, resolution: [12, 16]}
                stem: {width: 8, stride: 1}
                patch: [2, 4]
                width: [16, 24]
                depth: [1, 2, 3]
                headSize: 8
                heads: [1, 2]
                ratio: [1, 2]
                keep: {layers: [1, 2], rate: [1, 0.7, 0.5]}
                """)
            .space(4),
        100);
  }

  @Test
  void architecturesOfTheLargeSpace_agree() {
    agrees(SpaceFiles.builtin("mobile-224").space(10), 4);
  }

  @Test
  void baseline_agrees() {
    MobileNetV2 network = new MobileNetV2(0.35, 3, 28, 10);
    try (WeightStore store = WeightStore.initialised(network.specs(), STREAMS.at("weights", 1))) {
      agree(store, network.subnet(), STREAMS.at("baseline", 0), "baseline");
    }
  }

  private static void agrees(NetworkSpace space, int architectures) {
    try (WeightStore store = WeightStore.initialised(space.specs(), STREAMS.at("weights", 0))) {
      for (int i = 0; i < architectures; i++) {
        RandomGenerator random = STREAMS.at(space.name(), i);
        agree(store, space.subnet(space.sample(random)), random, space.name() + " " + i);
      }
    }
  }

  private static void agree(WeightStore store, Subnet subnet, RandomGenerator random, String name) {
    int batch = 3;
    long[] dims = {batch, subnet.inputSize(1), subnet.inputSize(2), subnet.inputSize(3)};
    float[] input = new float[(int) java.util.Arrays.stream(dims).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < input.length; i++) {
      input[i] = (float) random.nextGaussian();
    }
    NormStatistics statistics = randomised(statistics(store, subnet, input, dims), random);
    float[] expected;
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor x = Torch.floats(input, dims);
      try (Network network = Network.of(subnet)) {
        expected =
            Torch.toFloats(network.run(List.of(x), store, new Norms.Given(statistics)).getFirst());
      }
      x.close();
    }
    byte[] onnx = subnet.export(store::values, statistics).toBytes();
    for (OrtModel.Options options : List.of(OrtModel.Options.DEPLOYED, OrtModel.Options.LITERAL)) {
      try (OrtModel model = OrtModel.open(onnx, options)) {
        float[] actual = model.run(input, dims);
        float least = Float.POSITIVE_INFINITY;
        float most = Float.NEGATIVE_INFINITY;
        float difference = 0;
        for (int i = 0; i < expected.length; i++) {
          least = Math.min(least, expected[i]);
          most = Math.max(most, expected[i]);
          difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
        }
        assertThat(most - least).as(name).isPositive();
        assertThat(difference / (most - least)).as(name).isLessThanOrEqualTo(1e-4f);
      }
    }
  }

  private static NormStatistics statistics(
      WeightStore store, Subnet subnet, float[] input, long[] dims) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard();
        NormEstimate estimate = new NormEstimate()) {
      estimate.nextBatch();
      Tensor x = Torch.floats(input, dims);
      try (Network network = Network.of(subnet)) {
        network.run(List.of(x), store, new Norms.Estimated(estimate));
      }
      x.close();
      return estimate.statistics();
    }
  }

  /** Moves every statistic a little, so that a mistake in folding cannot cancel out. */
  private static NormStatistics randomised(NormStatistics statistics, RandomGenerator random) {
    Map<String, NormStatistics.Moments> moved = new java.util.LinkedHashMap<>();
    statistics
        .moments()
        .forEach(
            (node, moments) -> {
              float[] mean = moments.mean().clone();
              float[] variance = moments.variance().clone();
              for (int c = 0; c < mean.length; c++) {
                double deviation = Math.sqrt(variance[c] + 1e-5);
                mean[c] += (float) (0.1 * deviation * random.nextGaussian());
                variance[c] *= (float) (0.75 + 0.5 * random.nextDouble());
              }
              moved.put(node, new NormStatistics.Moments(mean, variance));
            });
    return new NormStatistics(moved);
  }
}
