package dev.lathe.runs.stages;

import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SearchRequest;
import dev.lathe.space.Gene;
import dev.lathe.space.ListedSpace;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Which metrics a search of networks can be about. */
final class NetworkMetrics {
  private static final Set<Quantity> OF_NETWORKS =
      EnumSet.of(
          Quantity.ACCURACY,
          Quantity.MNAS_REWARD,
          Quantity.BYTES,
          Quantity.PARAMETERS,
          Quantity.MACS);

  /** Stands for the space, which is not known yet, where only the goals are of interest. */
  private static final ListedSpace ANY_SPACE =
      new ListedSpace("any", List.of(new Gene("any", List.of("any"))));

  private NetworkMetrics() {}

  /**
   * Refuses metrics that nothing tells.
   *
   * @throws InvalidSearch naming the field
   */
  static void check(SearchRequest request) {
    request
        .score()
        .filter(score -> !score.equals(Quantity.ACCURACY.symbol()))
        .ifPresent(
            score -> {
              throw new InvalidSearch(
                  "score",
                  "there is no score '%s' for this data. Maybe accuracy, which is balanced where classes are uneven."
                      .formatted(score));
            });
    for (int i = 0; i < request.objectives().size(); i++) {
      check("objectives[" + i + "]", request.objectives().get(i).metric(), request);
    }
    for (int i = 0; i < request.constraints().size(); i++) {
      Metric metric = request.constraints().get(i).metric();
      if (metric.quantity().orElse(null) == Quantity.MNAS_REWARD) {
        throw new InvalidSearch(
            "constraints[" + i + "]", "a reward is no limit. Maybe bound what it is made of.");
      }
      check("constraints[" + i + "]", metric, request);
    }
    // Also refuses wrong parameters of objectives.
    Goals unused = new Goals(request, ANY_SPACE);
  }

  private static void check(String field, Metric metric, SearchRequest request) {
    Quantity quantity =
        metric
            .quantity()
            .orElseThrow(
                () ->
                    new InvalidSearch(
                        field,
                        "there is no metric '%s'. Maybe accuracy, latency@DEVICE, bytes, parameters or macs."
                            .formatted(metric)));
    if (quantity.onDevice()) {
      if (metric.device().isPresent()
          && !request.devices().isEmpty()
          && !request.devices().contains(metric.device().get())) {
        throw new InvalidSearch(
            field,
            "'%s' is of a device that the search does not have, only %s. Maybe add it to devices."
                .formatted(metric, request.devices()));
      }
    } else if (!OF_NETWORKS.contains(quantity) || metric.device().isPresent()) {
      throw new InvalidSearch(
          field,
          "'%s' is not known of the networks of this search. Maybe accuracy, bytes, parameters or macs."
              .formatted(metric));
    }
  }
}
