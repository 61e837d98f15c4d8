package dev.lathe.latency.table;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cells whose genes {@code edge_<from>-<to>} choose the operator between two nodes, "none" cutting
 * the edge (NAS-Bench-201, Dong and Yang 2020, arXiv 2001.00326). Some runtimes leave out operators
 * whose result nothing uses: their counts are over the edges from which the last node is reached.
 */
final class CellStructure {
  private static final Pattern EDGE = Pattern.compile("edge_(\\d)-(\\d)");
  private static final String NONE = "none";

  private final int[] from;
  private final int[] to;
  private final int none;
  private final int choices;
  private final int last;

  CellStructure(List<Gene> genes) {
    from = new int[genes.size()];
    to = new int[genes.size()];
    int largest = 0;
    for (int gene = 0; gene < from.length; gene++) {
      Matcher matcher = EDGE.matcher(genes.get(gene).name());
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "gene '%s' is no edge of a cell.".formatted(genes.get(gene).name()));
      }
      from[gene] = Integer.parseInt(matcher.group(1));
      to[gene] = Integer.parseInt(matcher.group(2));
      largest = Math.max(largest, to[gene]);
    }
    last = largest;
    none = genes.getFirst().choices().indexOf(NONE);
    choices = genes.getFirst().choices().size();
  }

  static boolean describes(List<Gene> genes) {
    return genes.stream()
        .allMatch(
            gene ->
                EDGE.matcher(gene.name()).matches()
                    && gene.choices().contains(NONE)
                    && gene.choices().equals(genes.getFirst().choices()));
  }

  /** How often each choice stands on an edge from which the last node is reached. */
  double[] counts(Architecture architecture) {
    boolean[] used = new boolean[last + 1];
    used[last] = true;
    for (int node = last - 1; node >= 0; node--) {
      for (int edge = 0; edge < from.length; edge++) {
        if (from[edge] == node && architecture.choice(edge) != none && used[to[edge]]) {
          used[node] = true;
        }
      }
    }
    double[] counts = new double[choices];
    for (int edge = 0; edge < from.length; edge++) {
      int choice = architecture.choice(edge);
      if (choice != none && used[to[edge]]) {
        counts[choice]++;
      }
    }
    return counts;
  }
}
