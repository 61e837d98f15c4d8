package dev.lathe.space.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.space.mobile.MobileSpecReader;
import java.math.BigInteger;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PrecisionSpaceTest {
  private static final String TINY =
      """
      name: tiny
      input: {channels: 1, resolution: [8]}
      stem: {width: 8, stride: 1}
      stages:
        - {width: [8], depth: [1, 2], stride: 2, kernel: [3], expansion: [1, 2], squeezeExcite: [false, true]}
      head: {width: 16}
      """;

  private final MobileSpace networks = new MobileSpace(MobileSpecReader.read(TINY), 3);
  private final PrecisionSpace space = new PrecisionSpace(networks);

  /** Layers as the exported graph has them. */
  private Set<String> exported(Architecture architecture) {
    OnnxGraph graph = space.subnet(architecture).outline();
    return graph.nodes().stream()
        .filter(node -> node.isOneOf("Conv", "Gemm"))
        .map(OnnxNode::name)
        .collect(Collectors.toSet());
  }

  @Test
  void genes_areTheBasesAndOneALayerOfTheLargest() {
    assertThat(space.genes()).hasSize(networks.genes().size() + 1 + 2 * 5 + 1 + 1);
    assertThat(space.genes().subList(0, networks.genes().size())).isEqualTo(networks.genes());
    assertThat(space.genes().getLast().choices()).containsExactly("float32", "int8");
  }

  @Test
  void size_countsThePrecisionsOfLayersThatAreThere() {
    // stem, head and classifier; a block has two layers, one more if it expands, two if it gates
    long block = (4 + 8) * (1 + 4);
    assertThat(space.size()).isEqualTo(BigInteger.valueOf(8 * (block + block * block)));
  }

  @Test
  void activePrecisions_areThoseOfTheExportedLayers() {
    RandomGenerator random = new RandomStreams(3).at("test", 0);
    for (int i = 0; i < 100; i++) {
      Architecture architecture = space.sample(random);
      Set<String> labels =
          space.describe(architecture).keySet().stream()
              .filter(gene -> gene.endsWith(".precision"))
              .map(gene -> gene.substring(0, gene.length() - ".precision".length()))
              .collect(Collectors.toSet());
      assertThat(labels).isEqualTo(exported(architecture));
      assertThat(space.subnet(architecture).weights())
          .isEqualTo(networks.subnet(space.base(architecture)).weights());
      assertThat(space.parse(space.describe(architecture))).isEqualTo(architecture);
    }
  }

  @Test
  void floatLayers_areThoseNotChosenInteger() {
    Map<String, String> labels = new java.util.LinkedHashMap<>(space.describe(space.largest()));
    assertThat(space.floatLayers(space.largest())).isEqualTo(exported(space.largest()));
    labels.put("stage1.block2.depthwise.precision", PrecisionSpace.INTEGER);
    assertThat(space.floatLayers(space.parse(labels)))
        .hasSize(exported(space.largest()).size() - 1)
        .doesNotContain("stage1.block2.depthwise");
    assertThat(space.floatLayers(space.smallest())).isEmpty();
  }

  @Test
  void layersBeyondTheDepth_haveNoPrecision() {
    assertThat(space.describe(space.smallest()).keySet())
        .noneMatch(gene -> gene.startsWith("stage1.block2"));
  }
}
