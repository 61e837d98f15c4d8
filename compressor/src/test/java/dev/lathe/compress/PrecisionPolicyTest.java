package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.compress.NodeOutcome.Form;
import dev.lathe.graph.NormStatistics;
import dev.lathe.graph.Subnet;
import dev.lathe.graph.WeightRef;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.space.mobile.MobileSpecReader;
import dev.lathe.space.policy.PrecisionSpace;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** From an architecture with a precision a layer to the file that computes so. */
final class PrecisionPolicyTest {
  private static final String SPEC =
      """
      name: small
      input: {channels: 3, resolution: [16]}
      stem: {width: 8, stride: 1}
      stages:
        - {width: [8, 16], depth: [1, 2], stride: 2, kernel: [3, 5], expansion: [1, 3], activation: [relu]}
        - {width: [16, 24], depth: [1, 2], stride: 2, kernel: [3], expansion: [2], activation: [relu]}
      head: {width: 32}
      """;

  private final PrecisionSpace space =
      new PrecisionSpace(new MobileSpace(MobileSpecReader.read(SPEC), 5));

  /** Batch norms that change nothing. */
  private static NormStatistics idle(Subnet network) {
    Map<String, NormStatistics.Moments> moments = new LinkedHashMap<>();
    for (WeightRef reference : network.weights().values()) {
      if (reference instanceof WeightRef.Moment moment) {
        float[] ones = new float[moment.channels()];
        Arrays.fill(ones, 1);
        moments.put(moment.norm(), new NormStatistics.Moments(new float[ones.length], ones));
      }
    }
    return new NormStatistics(moments);
  }

  /** Random weights of He's variance. */
  private static float[] random(WeightRef reference) {
    float[] values = new float[(int) reference.count()];
    if (reference.shape().size() == 1) {
      boolean scale = reference instanceof WeightRef.Slice s && s.tensor().endsWith("scale");
      Arrays.fill(values, scale ? 1 : 0);
      return values;
    }
    SplittableRandom random = new SplittableRandom(reference.hashCode());
    double deviation = Math.sqrt(2.0 * reference.shape().getFirst() / values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  private OnnxGraph exported(Architecture architecture) {
    Subnet network = space.subnet(architecture);
    return network.export(PrecisionPolicyTest::random, idle(network));
  }

  private Quantized quantized(Architecture architecture) {
    return Int8Quantization.quantize(
        exported(architecture),
        MobileNetV2.noise(16, 16, 2),
        Int8Options.DEFAULT.withImages(16).withFloatNodes(space.floatLayers(architecture)));
  }

  @Test
  void layers_computeInThePrecisionOfTheirGene() {
    RandomGenerator random = new RandomStreams(4).at("test", 0);
    for (int i = 0; i < 6; i++) {
      Architecture architecture = space.sample(random);
      Set<String> floats = space.floatLayers(architecture);
      Quantized quantized = quantized(architecture);
      assertThat(quantized.report().nodes())
          .filteredOn(node -> node.opType().equals("Conv") || node.opType().equals("Gemm"))
          .isNotEmpty()
          .allSatisfy(
              node ->
                  assertThat(node.form())
                      .as("%s: %s", node.name(), node.reason())
                      .isEqualTo(floats.contains(node.name()) ? Form.FLOAT : Form.INTEGER));
      float[] input = MobileNetV2.noise(16, 16, 7).batch(0, 1);
      try (OrtModel model = OrtModel.open(quantized.model().toBytes(), OrtModel.Options.DEPLOYED)) {
        assertThat(model.run(input, 1, 3, 16, 16)).hasSize(5);
      }
    }
  }

  @Test
  void moreIntegerLayers_giveASmallerFile() {
    Architecture base = space.base(space.largest());
    Architecture integer = space.uniform(base, PrecisionSpace.INTEGER);
    Map<String, String> half = new LinkedHashMap<>(space.describe(integer));
    half.replaceAll(
        (gene, label) ->
            gene.startsWith("stage2") && gene.endsWith(".precision")
                ? PrecisionSpace.FLOAT
                : label);
    long all = quantized(integer).model().toBytes().length;
    long some = quantized(space.parse(half)).model().toBytes().length;
    long none = exported(space.largest()).toBytes().length;
    assertThat(all).isLessThan(some);
    assertThat(some).isLessThan(none);
  }
}
