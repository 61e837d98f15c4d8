package dev.lathe.space.mobile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.family.SpaceFiles;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MobileSpaceTest {
  private static final String TINY =
      """
      name: tiny
      input: {channels: 1, resolution: [8, 12]}
      stem: {width: 8, stride: 1}
      stages:
        - {width: [8, 16], depth: [1, 2], stride: 2, kernel: [3, 5], expansion: [1, 2], squeezeExcite: [false, true]}
      head: {width: 16}
      """;

  private static MobileSpace tiny() {
    return new MobileSpace(MobileSpecReader.read(TINY), 3);
  }

  @Test
  void size_equalsTheNumberOfCanonicalArchitectures() {
    MobileSpace space = tiny();
    Set<Architecture> seen = new HashSet<>();
    int[] sizes = space.genes().stream().mapToInt(gene -> gene.size()).toArray();
    int[] choices = new int[sizes.length];
    int position = 0;
    while (position < sizes.length) {
      seen.add(space.canonical(Architecture.of(choices)));
      position = 0;
      while (position < sizes.length && ++choices[position] == sizes[position]) {
        choices[position++] = 0;
      }
    }
    // two resolutions, two widths, and 8 or 8·8 ways to fill one or two blocks
    assertThat(space.size()).isEqualTo(BigInteger.valueOf(2 * 2 * (8 + 64)));
    assertThat(seen).hasSize(space.size().intValueExact());
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobile-28", "mobile-32", "mobile-224"})
  void architectures_surviveDescriptionAndGiveNetworks(String name) {
    MobileSpace space = new MobileSpace((MobileSpec) SpaceFiles.builtin(name), 10);
    RandomGenerator random = new RandomStreams(1).at("test", 0);
    for (int i = 0; i < 50; i++) {
      Architecture architecture = space.sample(random);
      assertThat(space.parse(space.describe(architecture))).isEqualTo(architecture);
      assertThat(ShapeInference.infer(space.subnet(architecture).outline(), 1).get("logits").dims())
          .containsExactly(1, 10);
    }
  }

  @Test
  void extremes_boundTheMacsOfAllOthers() {
    MobileSpace space = new MobileSpace((MobileSpec) SpaceFiles.builtin("mobile-28"), 10);
    RandomGenerator random = new RandomStreams(2).at("test", 0);
    long least = macs(space, space.smallest());
    long most = macs(space, space.largest());
    for (int i = 0; i < 100; i++) {
      assertThat(macs(space, space.sample(random))).isBetween(least, most);
    }
    assertThat(most).isGreaterThan(3 * least);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobile-28", "mobile-32", "mobile-224"})
  void extremes_takeTheGreatestAndTheLeastOfEveryNumber(String name) {
    MobileSpace space = new MobileSpace((MobileSpec) SpaceFiles.builtin(name), 10);
    space
        .describe(space.largest())
        .forEach(
            (gene, label) ->
                assertThat(Integer.parseInt(label))
                    .as(gene)
                    .isEqualTo(numbers(space, gene).getMax()));
    space
        .describe(space.smallest())
        .forEach(
            (gene, label) ->
                assertThat(Integer.parseInt(label))
                    .as(gene)
                    .isEqualTo(numbers(space, gene).getMin()));
  }

  private static java.util.IntSummaryStatistics numbers(MobileSpace space, String gene) {
    return space.genes().stream()
        .filter(candidate -> candidate.name().equals(gene))
        .flatMap(candidate -> candidate.choices().stream())
        .mapToInt(Integer::parseInt)
        .summaryStatistics();
  }

  private static long macs(MobileSpace space, Architecture architecture) {
    return CostReport.of(space.subnet(architecture).outline(), 1).macs();
  }

  @Test
  void blocksBeyondTheDepth_haveNoEffect() {
    MobileSpace space = tiny();
    Architecture shallow = space.smallest();
    for (int gene = 0; gene < space.genes().size(); gene++) {
      if (space.genes().get(gene).name().startsWith("stage1.block2")) {
        assertThat(space.active(shallow)[gene]).isFalse();
        assertThat(space.subnet(shallow.with(gene, 1)).weights())
            .isEqualTo(space.subnet(shallow).weights());
      }
    }
  }

  @Test
  void files_haveTheNodesThatPredictorsKnow() {
    MobileSpace space = tiny();
    assertThat(space.subnet(space.smallest()).outline().nodes())
        .extracting(node -> node.opType() + " " + node.name())
        .containsExactly(
            "Conv stem",
            "Relu stem.act",
            "Conv stage1.block1.depthwise",
            "Relu stage1.block1.depthwise.act",
            "Conv stage1.block1.project",
            "Conv head",
            "Relu head.act",
            "GlobalAveragePool pool",
            "Flatten flat",
            "Gemm logits");
  }

  @Test
  void parse_namesUnknownGenesAndChoices() {
    assertThatThrownBy(() -> tiny().parse(Map.of("stage9.width", "8")))
        .hasMessageContaining("stage9.width");
    assertThatThrownBy(() -> tiny().parse(Map.of("stage1.width", "17")))
        .hasMessageContaining("stage1.width")
        .hasMessageContaining("17");
  }

  @Test
  void subnet_refusesAnArchitectureOfAnotherSpace() {
    assertThatThrownBy(() -> tiny().subnet(Architecture.of(0)))
        .hasMessageContaining("1 genes")
        .hasMessageContaining("tiny");
  }

  @Test
  void writer_writesWhatTheReaderReads() {
    MobileSpec spec = (MobileSpec) SpaceFiles.builtin("mobile-224");
    assertThat(MobileSpecReader.read(MobileSpecWriter.write(spec))).isEqualTo(spec);
  }
}
