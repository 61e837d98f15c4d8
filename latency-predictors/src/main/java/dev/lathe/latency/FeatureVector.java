package dev.lathe.latency;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Named quantities of a graph; a name that is absent counts 0.
 *
 * @param values finite and not negative
 */
public record FeatureVector(SortedMap<String, Double> values) {
  public FeatureVector {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    values.forEach(
        (name, value) -> {
          if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(
                "feature '%s' is %s but must be finite and not negative.".formatted(name, value));
          }
        });
  }

  /** A vector with a copy of these values. */
  public static FeatureVector of(Map<String, Double> values) {
    return new FeatureVector(new TreeMap<>(values));
  }

  /** The value of a name, 0 where the graph has nothing of the kind. */
  public double get(String name) {
    return values.getOrDefault(name, 0.0);
  }
}
