package dev.lathe.evolution.genotype;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.SearchSpace;
import io.jenetics.Genotype;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VariationTest {
  private static final int DRAWS = 40_000;

  /** Genes of 1, 2, 3, … choices. */
  private record Ladder(int genesCount) implements SearchSpace {
    @Override
    public String name() {
      return "ladder";
    }

    @Override
    public List<Gene> genes() {
      return IntStream.rangeClosed(1, genesCount)
          .mapToObj(
              size ->
                  new Gene(
                      "gene" + size, IntStream.range(0, size).mapToObj(String::valueOf).toList()))
          .toList();
    }
  }

  private final SearchSpace space = new Ladder(8);
  private final ArchitectureCodec codec = new ArchitectureCodec(space);
  private final Genotype<ChoiceGene> low = codec.encode(Architecture.of(0, 0, 0, 0, 0, 0, 0, 0));
  private final Genotype<ChoiceGene> high = codec.encode(Architecture.of(0, 1, 2, 3, 4, 5, 6, 7));

  @Test
  void codec_decodesWhatItEncoded() {
    for (int i = 0; i < 100; i++) {
      Architecture architecture = space.sample(new RandomStreams(1).at("sample", i));
      Genotype<ChoiceGene> genotype = codec.encode(architecture);
      assertThat(genotype.isValid()).isTrue();
      assertThat(codec.decode(genotype)).isEqualTo(architecture);
      assertThat(codec.encode(codec.decode(genotype))).isEqualTo(genotype);
    }
  }

  @Test
  void codec_refusesASpaceWithoutGenes() {
    assertThatThrownBy(() -> new ArchitectureCodec(new Ladder(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ladder");
  }

  @Test
  void gene_refusesAnUnknownChoice() {
    assertThatThrownBy(() -> low.chromosome().get(3).newInstance(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from 0 to 3");
  }

  @Test
  void crossover_mixesParentsAsOftenAsAsked_eachGeneEvenly() {
    Variation variation = Variation.of(space, 0.9, 0);
    int[] fromHigh = new int[8];
    int mixed = 0;
    for (int i = 0; i < DRAWS; i++) {
      Architecture child =
          codec.decode(variation.child(low, high, new RandomStreams(2).at("cross", i)));
      boolean any = false;
      for (int gene = 1; gene < 8; gene++) {
        assertThat(child.choice(gene)).isIn(0, gene);
        if (child.choice(gene) == gene) {
          fromHigh[gene]++;
          any = true;
        }
      }
      mixed += any ? 1 : 0;
    }
    // of seven genes that differ, at least one comes from the second parent
    assertThat(mixed / (double) DRAWS).isCloseTo(0.9 * (1 - 1 / 128.0), within(0.01));
    for (int gene = 1; gene < 8; gene++) {
      assertThat(fromHigh[gene] / (double) DRAWS).isCloseTo(0.45, within(0.015));
    }
  }

  @Test
  void mutation_hitsFreeGenesAlike_andAlwaysChangesThem() {
    Variation variation = Variation.of(space, 0, 1.4);
    int[] mutated = new int[8];
    for (int i = 0; i < DRAWS; i++) {
      Architecture child =
          codec.decode(variation.child(low, high, new RandomStreams(3).at("mutate", i)));
      for (int gene = 0; gene < 8; gene++) {
        mutated[gene] += child.choice(gene) != 0 ? 1 : 0;
      }
    }
    assertThat(mutated[0]).isZero();
    for (int gene = 1; gene < 8; gene++) {
      assertThat(mutated[gene] / (double) DRAWS).isCloseTo(1.4 / 7, within(0.015));
    }
  }

  @Test
  void oneGene_changesExactlyOne_eachAlternativeAsLikely() {
    Variation variation = Variation.ofOneGene();
    int[] lastGene = new int[8];
    for (int i = 0; i < DRAWS; i++) {
      Architecture child = codec.decode(variation.child(low, new RandomStreams(4).at("one", i)));
      assertThat(IntStream.range(0, 8).filter(gene -> child.choice(gene) != 0).count())
          .isEqualTo(1);
      lastGene[child.choice(7)]++;
    }
    for (int choice = 1; choice < 8; choice++) {
      assertThat(lastGene[choice] / (double) DRAWS).isCloseTo(1 / 49.0, within(0.005));
    }
  }

  @Test
  void sameRandomNumbers_breedTheSameChild() {
    Variation variation = Variation.of(space, 0.9, 1);
    for (int i = 0; i < 50; i++) {
      assertThat(variation.child(low, high, new RandomStreams(5).at("same", i)))
          .isEqualTo(variation.child(low, high, new RandomStreams(5).at("same", i)));
    }
  }
}
