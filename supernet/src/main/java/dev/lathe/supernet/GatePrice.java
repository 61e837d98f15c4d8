package dev.lathe.supernet;

import dev.lathe.graph.WeightRef.Gate;
import java.util.List;
import java.util.Map;

/**
 * A term of the loss that depends on gates alone, for example on the run time of the network that
 * they leave. A trainer that has one asks it once a step, after the backward passes, and keeps its
 * notes in the checkpoint.
 */
public interface GatePrice {
  /** The gates that the term depends on. */
  List<Gate.OfNorm> gates();

  /**
   * The derivative of the term by each gate.
   *
   * @param values of the gates, each 0 or 1
   * @param step counted from 0
   */
  double[] slopes(double[] values, long step);

  /** What it must know to go on, free text by name. */
  default Map<String, String> notes() {
    return Map.of();
  }

  /** Takes back what {@link #notes} gave, and perhaps other notes. */
  default void recall(Map<String, String> notes) {}
}
