package dev.lathe.space.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.SearchSpace;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JointSpaceTest {
  /** Two edges with an operator each. */
  private record Cell() implements SearchSpace {
    @Override
    public String name() {
      return "cell";
    }

    @Override
    public List<Gene> genes() {
      return List.of(
          new Gene("a", List.of("none", "conv1", "conv3")),
          new Gene("b", List.of("none", "conv1", "conv3")));
    }
  }

  /** Bits for the edges that have weights. */
  private static JointSpace withBits(SearchSpace cell) {
    List<String> bits = List.of("2", "4", "8");
    return new JointSpace(
        "cell with bits",
        cell,
        new Policy(
            List.of(new Gene("a.bits", bits), new Gene("b.bits", bits)),
            architecture ->
                cell.describe(architecture).entrySet().stream()
                    .filter(edge -> edge.getValue().startsWith("conv"))
                    .map(edge -> edge.getKey() + ".bits")
                    .collect(Collectors.toSet())));
  }

  @Test
  void size_countsOnlyChoicesWithAnEffect() {
    JointSpace space = withBits(new Cell());
    // an edge is empty, or one of two operators at one of three bits
    assertThat(space.size()).isEqualTo(BigInteger.valueOf(7 * 7));
    assertThat(space.all().orElseThrow()).hasSize(49).doesNotHaveDuplicates();
    RandomGenerator random = new RandomStreams(1).at("test", 0);
    Set<Architecture> seen = new HashSet<>();
    IntStream.range(0, 2000).forEach(_ -> seen.add(space.sample(random)));
    assertThat(seen).hasSize(49);
  }

  @Test
  void genesWithoutEffect_areMasked() {
    JointSpace space = withBits(new Cell());
    Architecture joint = space.canonical(Architecture.of(0, 2, 2, 1));
    assertThat(joint).isEqualTo(Architecture.of(0, 2, 0, 1));
    assertThat(space.active(joint)).containsExactly(true, true, false, true);
    assertThat(space.base(joint)).isEqualTo(Architecture.of(0, 2));
    assertThat(space.policy(joint)).isEqualTo(Map.of("b.bits", "4"));
    assertThat(space.describe(joint)).isEqualTo(Map.of("a", "none", "b", "conv3", "b.bits", "4"));
    assertThat(space.parse(space.describe(joint))).isEqualTo(joint);
  }

  @Test
  void join_isTheInverseOfBaseAndPolicy() {
    JointSpace space = withBits(new Cell());
    space
        .all()
        .orElseThrow()
        .forEach(
            joint ->
                assertThat(space.join(space.base(joint), space.policy(joint))).isEqualTo(joint));
    assertThatThrownBy(() -> space.join(Architecture.of(1, 1), Map.of("a", "none")))
        .hasMessageContaining("'a'");
    assertThatThrownBy(() -> space.join(Architecture.of(1, 1), Map.of("a.bits", "3")))
        .hasMessageContaining("a.bits")
        .hasMessageContaining("3");
  }

  @Test
  void genesOfTheSameName_areRefused() {
    Cell cell = new Cell();
    Policy policy = new Policy(cell.genes(), _ -> Set.of());
    assertThatThrownBy(() -> new JointSpace("twice", cell, policy)).hasMessageContaining("'a'");
  }
}
