package dev.lathe.space;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** All ways to choose for the genes of a space, where there are few enough to go through. */
final class Spellings {
  private static final BigInteger MOST = BigInteger.valueOf(1 << 22);

  private Spellings() {}

  static Optional<Stream<Architecture>> canonical(SearchSpace space) {
    List<Gene> genes = space.genes();
    BigInteger spellings =
        genes.stream()
            .map(gene -> BigInteger.valueOf(gene.size()))
            .reduce(BigInteger.ONE, BigInteger::multiply);
    if (spellings.compareTo(MOST) > 0) {
      return Optional.empty();
    }
    return Optional.of(
        IntStream.range(0, spellings.intValue())
            .mapToObj(code -> spelling(code, genes))
            .filter(architecture -> space.canonical(architecture).equals(architecture)));
  }

  private static Architecture spelling(int code, List<Gene> genes) {
    int[] choices = new int[genes.size()];
    int digits = code;
    for (int gene = 0; gene < choices.length; gene++) {
      choices[gene] = digits % genes.get(gene).size();
      digits /= genes.get(gene).size();
    }
    return Architecture.of(choices);
  }
}
