package dev.lathe.runs.stages;

import dev.lathe.evolution.front.ParetoArchive;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.stages.Measuring.MeasuredNetwork;
import java.util.Comparator;
import java.util.List;

/** The written networks that keep the constraints as measured and that no other dominates. */
final class FinalFront {
  private FinalFront() {}

  static List<MeasuredNetwork> of(List<MeasuredNetwork> networks, Goals goals) {
    ParetoArchive<MeasuredNetwork> archive =
        new ParetoArchive<>(goals.problem().objectives().size());
    networks.stream()
        .filter(network -> network.artifact().record().kind() == ArtifactRecord.Kind.MEMBER)
        .filter(network -> goals.complete(network.figures()))
        .filter(network -> goals.feasible(network.figures()))
        .forEach(
            network ->
                archive.add(
                    goals.costs(network.figures()).stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray(),
                    network));
    return archive.entries().stream()
        .map(ParetoArchive.Entry::value)
        .sorted(Comparator.comparingDouble(MeasuredNetwork::p50Millis))
        .toList();
  }
}
