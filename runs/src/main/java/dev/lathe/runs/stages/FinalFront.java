package dev.lathe.runs.stages;

import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.SearchRequest.Constraints;
import dev.lathe.runs.stages.Measuring.MeasuredNetwork;
import java.util.Comparator;
import java.util.List;

/**
 * The networks that no other beats in validation accuracy, measured median and file size at once.
 */
final class FinalFront {
  private FinalFront() {}

  static List<MeasuredNetwork> of(List<MeasuredNetwork> networks, Constraints constraints) {
    List<MeasuredNetwork> members =
        networks.stream()
            .filter(network -> network.artifact().record().kind() == ArtifactRecord.Kind.MEMBER)
            .filter(network -> keeps(network, constraints))
            .toList();
    return members.stream()
        .filter(network -> members.stream().noneMatch(other -> dominates(other, network)))
        .sorted(Comparator.comparingDouble(network -> network.measured().p50Millis()))
        .toList();
  }

  private static boolean keeps(MeasuredNetwork network, Constraints constraints) {
    return network.measured().p50Millis()
            <= constraints.maxLatencyMillis().orElse(Double.POSITIVE_INFINITY)
        && network.artifact().bytes() <= constraints.maxBytes().orElse(Long.MAX_VALUE)
        && network.validationAccuracy() >= constraints.minAccuracy().orElse(0);
  }

  private static boolean dominates(MeasuredNetwork a, MeasuredNetwork b) {
    boolean noWorse =
        a.validationAccuracy() >= b.validationAccuracy()
            && a.measured().p50Millis() <= b.measured().p50Millis()
            && a.artifact().bytes() <= b.artifact().bytes();
    boolean better =
        a.validationAccuracy() > b.validationAccuracy()
            || a.measured().p50Millis() < b.measured().p50Millis()
            || a.artifact().bytes() < b.artifact().bytes();
    return noWorse && better;
  }
}
