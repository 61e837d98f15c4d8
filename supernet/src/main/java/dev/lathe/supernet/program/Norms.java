package dev.lathe.supernet.program;

import dev.lathe.graph.NormStatistics;

/** How batch norms find mean and variance. */
public sealed interface Norms {
  /** From the batch at hand: training. */
  record OfBatch() implements Norms {}

  /** From given statistics, by the names of the norms' nodes: evaluation. */
  record Given(NormStatistics statistics) implements Norms {}

  /** From the batch at hand, averaged into an estimate. */
  record Estimated(NormEstimate estimate) implements Norms {}

  /** As the graph says: its third and fourth operand. */
  record Stored() implements Norms {}
}
