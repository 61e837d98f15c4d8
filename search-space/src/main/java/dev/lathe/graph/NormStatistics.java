package dev.lathe.graph;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Mean and variance of every batch norm of one subnet, by node name. They are estimated for each
 * subnet anew: a slice of another subnet's would be wrong (Yu et al., Slimmable Networks, arXiv
 * 1812.08928; BigNAS, arXiv 2003.11142).
 */
public record NormStatistics(Map<String, Moments> moments) {
  /**
   * @param mean [channels]
   * @param variance [channels], not negative
   */
  public record Moments(float[] mean, float[] variance) {}

  public NormStatistics {
    moments = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(moments));
  }

  /**
   * The statistics of a batch norm.
   *
   * @throws IllegalArgumentException if there are none under this name
   */
  public Moments of(String node) {
    Moments found = moments.get(node);
    if (found == null) {
      throw new IllegalArgumentException(
          "there are no batch-norm statistics for node '%s'.".formatted(node));
    }
    return found;
  }

  /** The values of a reference to statistics. */
  public float[] values(WeightRef.Moment moment) {
    Moments found = of(moment.norm());
    return switch (moment.kind()) {
      case MEAN -> found.mean();
      case VARIANCE -> found.variance();
    };
  }
}
