package dev.lathe.evolution;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.SearchSpace;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A depth, and an operator a layer of which those beyond the depth have no effect. */
record LayeredSpace(int maxDepth, int operators) implements SearchSpace {
  @Override
  public String name() {
    return "layered";
  }

  @Override
  public List<Gene> genes() {
    List<Gene> genes = new ArrayList<>();
    genes.add(
        new Gene("depth", IntStream.rangeClosed(1, maxDepth).mapToObj(String::valueOf).toList()));
    for (int layer = 0; layer < maxDepth; layer++) {
      genes.add(
          new Gene(
              "layer" + layer, IntStream.range(0, operators).mapToObj(o -> "op" + o).toList()));
    }
    return genes;
  }

  @Override
  public boolean[] active(Architecture architecture) {
    check(architecture);
    boolean[] active = new boolean[maxDepth + 1];
    for (int gene = 0; gene < active.length; gene++) {
      active[gene] = gene <= architecture.choice(0) + 1;
    }
    return active;
  }

  @Override
  public BigInteger size() {
    BigInteger size = BigInteger.ZERO;
    for (int depth = 1; depth <= maxDepth; depth++) {
      size = size.add(BigInteger.valueOf(operators).pow(depth));
    }
    return size;
  }

  /** Error falls and cost rises with depth and operator; neighbours of equal operators hurt. */
  static Evaluation evaluate(Architecture architecture) {
    double quality = 0;
    double cost = 0;
    for (int layer = 0; layer <= architecture.choice(0); layer++) {
      int operator = architecture.choice(layer + 1);
      boolean repeated = layer > 0 && operator == architecture.choice(layer);
      quality += (operator + 1) / (layer + 1.0) * (repeated ? 0.4 : 1);
      cost += 1 + operator * operator * 0.7;
    }
    return Evaluation.of(architecture, Map.of("error", 100 / (1 + quality), "cost", cost));
  }
}
