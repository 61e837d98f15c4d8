package dev.lathe.evolution.surrogate;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How models see architectures. Each gene has a code: its choice, or one more for "unused" where it
 * has no effect (SimQ-NAS masks inactive genes likewise, arXiv:2312.13301). Genes with the same
 * alternatives form an alphabet, and how often each of its letters is used is a feature that does
 * not depend on where.
 */
public final class Encoding {
  private final SearchSpace space;

  /** Distance in [0, 1] of two codes of a gene: [gene][code][code]. */
  private final double[][][] distances;

  /** Place of each code's count among the counts, or -1: [gene][code]. */
  private final int[][] letters;

  /** One over the number of genes that can use a letter. */
  private final double[] letterScale;

  /** The alphabet of each letter, and how many there are. */
  private final int[] alphabetOf;

  private final int alphabets;
  private final boolean[] ordered;

  public Encoding(SearchSpace space) {
    this.space = space;
    List<Gene> genes = space.genes();
    this.distances = new double[genes.size()][][];
    this.ordered = new boolean[genes.size()];
    Map<List<String>, List<Integer>> sharing = new LinkedHashMap<>();
    for (int g = 0; g < genes.size(); g++) {
      ordered[g] = ordered(genes.get(g).choices());
      distances[g] = distances(genes.get(g).choices().size(), ordered[g]);
      sharing.computeIfAbsent(genes.get(g).choices(), _ -> new ArrayList<>()).add(g);
    }
    this.letters = new int[genes.size()][];
    List<Double> scales = new ArrayList<>();
    List<Integer> alphabet = new ArrayList<>();
    sharing.forEach(
        (choices, members) -> {
          boolean counted = members.size() > 1 && choices.size() > 1;
          for (int g : members) {
            letters[g] = new int[choices.size() + 1];
            for (int c = 0; c <= choices.size(); c++) {
              letters[g][c] = counted && c < choices.size() ? scales.size() + c : -1;
            }
          }
          int next = alphabet.isEmpty() ? 0 : alphabet.getLast() + 1;
          for (int c = 0; counted && c < choices.size(); c++) {
            scales.add(1.0 / members.size());
            alphabet.add(next);
          }
        });
    this.letterScale = scales.stream().mapToDouble(Double::doubleValue).toArray();
    this.alphabetOf = alphabet.stream().mapToInt(Integer::intValue).toArray();
    this.alphabets = alphabet.isEmpty() ? 0 : alphabet.getLast() + 1;
  }

  private static boolean ordered(List<String> choices) {
    return choices.size() > 2
        && choices.stream().allMatch(choice -> choice.matches("-?\\d+(\\.\\d+)?"));
  }

  /** Different labels are 1 apart; different numbers 0.5 to 1, by how far their ranks are. */
  private static double[][] distances(int n, boolean ordered) {
    double[][] distances = new double[n + 1][n + 1];
    for (int a = 0; a <= n; a++) {
      for (int b = 0; b <= n; b++) {
        boolean unused = a == n || b == n;
        distances[a][b] =
            a == b ? 0 : ordered && !unused ? 0.5 + 0.5 * Math.abs(a - b) / (n - 1) : 1;
      }
    }
    return distances;
  }

  /** Distances of a gene's codes where each letter has a weight: [code][code]. */
  double[][] weighted(int gene, double[] letterWeights) {
    double[][] plain = distances[gene];
    if (ordered[gene]) {
      return plain;
    }
    int n = plain.length;
    double[][] weighted = new double[n][n];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        if (a != b) {
          weighted[a][b] = weight(gene, a, letterWeights) + weight(gene, b, letterWeights);
        }
      }
    }
    return weighted;
  }

  private double weight(int gene, int code, double[] letterWeights) {
    int letter = letters[gene][code];
    return letter < 0 ? 0.5 : letterWeights[letter];
  }

  /** The letter of a gene's code whose weight enters its distances, or -1. */
  int weightedLetter(int gene, int code) {
    return ordered[gene] ? -1 : letters[gene][code];
  }

  int genes() {
    return distances.length;
  }

  double[][] distances(int gene) {
    return distances[gene];
  }

  /** The number of letters of all alphabets, 0 if no two genes share their alternatives. */
  int letters() {
    return letterScale.length;
  }

  int alphabets() {
    return alphabets;
  }

  int alphabet(int letter) {
    return alphabetOf[letter];
  }

  /** What a squared difference of counts of this letter is multiplied with. */
  double letterScale(int letter) {
    return letterScale[letter];
  }

  /** Squared distance of the counts of two architectures. */
  double square(Point left, Point right) {
    int[] a = left.counts();
    int[] b = right.counts();
    double square = 0;
    for (int l = 0; l < a.length; l++) {
      int difference = a[l] - b[l];
      square += letterScale[l] * difference * difference;
    }
    return square;
  }

  /** Architectures as the kernel compares them. */
  public Point encode(Architecture architecture) {
    boolean[] active = space.active(architecture);
    int[] codes = architecture.toArray();
    int[] counts = new int[letterScale.length];
    for (int g = 0; g < codes.length; g++) {
      if (!active[g]) {
        codes[g] = letters[g].length - 1;
      }
      int letter = letters[g][codes[g]];
      if (letter >= 0) {
        counts[letter]++;
      }
    }
    return new Point(codes, counts);
  }

  /**
   * An encoded architecture.
   *
   * @param codes one a gene
   * @param counts of letters: how many genes use each
   */
  public record Point(int[] codes, int[] counts) {}
}
