package dev.lathe.runs;

import dev.lathe.metric.Figure;
import dev.lathe.space.Architecture;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * An architecture that the search evaluated.
 *
 * @param labels the architecture's choices by gene name
 * @param figures by metric
 * @param costs one an objective of the search, less is better; empty if it could not be evaluated
 * @param failure why it could not be evaluated
 * @param hypervolume of the front after it, in the box of the search's first batch; empty while
 *     there is none
 */
public record CandidateRecord(
    Architecture architecture,
    Map<String, String> labels,
    Status status,
    Map<String, Figure> figures,
    List<Double> costs,
    Optional<String> failure,
    OptionalDouble hypervolume) {
  /** What came of the evaluation. */
  public enum Status {
    /** Evaluated, and within all constraints. */
    OK,
    /** Outside of a constraint. */
    INFEASIBLE,
    /** Could not be evaluated. */
    FAILED
  }

  public CandidateRecord {
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    costs = List.copyOf(costs);
  }

  /** Before the hypervolume after it is known. */
  public CandidateRecord(
      Architecture architecture,
      Map<String, String> labels,
      Status status,
      Map<String, Figure> figures,
      List<Double> costs,
      Optional<String> failure) {
    this(architecture, labels, status, figures, costs, failure, OptionalDouble.empty());
  }

  /** The same with the hypervolume after it. */
  public CandidateRecord withHypervolume(OptionalDouble after) {
    return new CandidateRecord(architecture, labels, status, figures, costs, failure, after);
  }
}
