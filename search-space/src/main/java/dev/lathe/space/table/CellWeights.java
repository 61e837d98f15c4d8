package dev.lathe.space.table;

import dev.lathe.space.Gene;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A cost that follows from the genes of a table of quantized NAS-Bench-201 cells: the bytes of the
 * convolutions' weights. Edge {@code gene:edge_A-B} holds an operator, {@code gene:bits_A-B} the
 * bits of its weights. The network has five cells each of 16, 32 and 64 channels; stem, reductions
 * and classifier are the same in all architectures, and left out.
 */
public final class CellWeights {
  /** Name of the metric. */
  public static final String METRIC = "weight_bytes";

  private static final String EDGE = "edge_";
  private static final String BITS = "bits_";

  /** Weights of a 1×1 convolution on one edge of all cells. */
  private static final int WEIGHTS = 5 * (16 * 16 + 32 * 32 + 64 * 64);

  private CellWeights() {}

  /**
   * The table with this metric beside its own.
   *
   * @throws IllegalArgumentException if the table has no such genes
   */
  public static MeasurementTable addedTo(MeasurementTable table) {
    List<Gene> genes = table.genes();
    List<int[]> edges = new ArrayList<>();
    for (int edge = 0; edge < genes.size(); edge++) {
      String name = genes.get(edge).name();
      if (name.startsWith(EDGE)) {
        String wanted = BITS + name.substring(EDGE.length());
        OptionalInt bits =
            IntStream.range(0, genes.size())
                .filter(g -> genes.get(g).name().equals(wanted))
                .findFirst();
        if (bits.isPresent()) {
          edges.add(new int[] {edge, bits.getAsInt()});
        }
      }
    }
    if (edges.isEmpty()) {
      throw new IllegalArgumentException(
          "table '%s' has no metric '%s', and no genes edge_A-B and bits_A-B to compute it from. Maybe one of %s."
              .formatted(table.name(), METRIC, table.metrics()));
    }
    double[] bytes = new double[table.rows()];
    for (int row = 0; row < bytes.length; row++) {
      for (int[] edge : edges) {
        String operator = genes.get(edge[0]).choices().get(table.choice(row, edge[0]));
        String bits = genes.get(edge[1]).choices().get(table.choice(row, edge[1]));
        bytes[row] += area(operator) * WEIGHTS * Double.parseDouble(bits) / 8;
      }
    }
    return table.with(METRIC, bytes);
  }

  /** Weights a pair of channels. */
  private static int area(String operator) {
    return switch (operator) {
      case "nor_conv_1x1" -> 1;
      case "nor_conv_3x3" -> 9;
      default -> 0;
    };
  }
}
