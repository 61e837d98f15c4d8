package dev.lathe.runs;

import dev.lathe.space.Architecture;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * An architecture that the search looked at.
 *
 * @param labels the architecture's choices by gene name
 * @param validationAccuracy with the supernet's weights, in [0, 1]; empty if not evaluated
 * @param predictedMillis latency that the predictor of the search's device says, with the interval
 *     from {@code lowerMillis} to {@code upperMillis}
 */
public record CandidateRecord(
    Architecture architecture,
    Map<String, String> labels,
    Status status,
    OptionalDouble validationAccuracy,
    double predictedMillis,
    double lowerMillis,
    double upperMillis,
    long parameters,
    long macs) {
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
  }
}
