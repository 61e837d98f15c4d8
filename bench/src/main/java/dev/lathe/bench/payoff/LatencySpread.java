package dev.lathe.bench.payoff;

import dev.lathe.bench.LocalDevice;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.Outcome;
import dev.lathe.graph.NormStatistics;
import dev.lathe.graph.Subnet;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.WeightStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Random architectures that lie evenly on the logarithm of latency, as it is measured on fresh
 * weights: latency does not depend on these.
 */
final class LatencySpread {
  private static final int CANDIDATES = 8;

  private LatencySpread() {}

  private record Timed(Architecture architecture, double logMillis) {}

  /**
   * Draws. The range of latencies is divided into as many equal parts as architectures are wanted,
   * and the candidate nearest to the middle of each is taken.
   *
   * @param statistics of a network's batch norms with the weights of a store
   * @return all distinct, the fastest first; fewer than wanted only where a space has hardly more
   * @throws IOException if none of them can be measured
   */
  static List<Architecture> draw(
      NetworkSpace space,
      int wanted,
      RandomStreams streams,
      LocalDevice device,
      Statistics statistics)
      throws IOException {
    List<Architecture> drawn =
        MacsSpread.draw(space, CANDIDATES * wanted + 2, streams.at("rivals", 0)).stream()
            .filter(one -> !one.equals(space.smallest()) && !one.equals(space.largest()))
            .toList();
    Path folder = Files.createTempDirectory("lathe-spread");
    List<Path> files = new ArrayList<>();
    List<Timed> timed = new ArrayList<>();
    try (WeightStore store = WeightStore.initialised(space.specs(), streams.at("rivals", 1))) {
      for (Architecture architecture : drawn) {
        Subnet subnet = space.subnet(architecture);
        OnnxGraph graph = subnet.export(store::values, statistics.of(store, subnet));
        Path file = folder.resolve(files.size() + ".onnx");
        graph.write(file);
        files.add(file);
      }
      List<Outcome> outcomes = device.measure(files);
      for (int i = 0; i < drawn.size(); i++) {
        if (outcomes.get(i) instanceof Outcome.Measured(Measurement found)) {
          timed.add(new Timed(drawn.get(i), Math.log(found.p50())));
        }
      }
    } finally {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    }
    if (timed.isEmpty()) {
      throw new IOException(
          "no random architecture of '%s' could be measured.".formatted(space.name()));
    }
    return spread(timed, wanted);
  }

  /** How batch norms are estimated. */
  @FunctionalInterface
  interface Statistics {
    NormStatistics of(WeightStore store, Subnet network);
  }

  private static List<Architecture> spread(List<Timed> timed, int wanted) {
    List<Timed> rest = new ArrayList<>(timed);
    double least = rest.stream().mapToDouble(Timed::logMillis).min().orElseThrow();
    double most = rest.stream().mapToDouble(Timed::logMillis).max().orElseThrow();
    List<Timed> chosen = new ArrayList<>();
    for (int i = 0; i < wanted && !rest.isEmpty(); i++) {
      double target = least + (most - least) * (i + 0.5) / wanted;
      Timed nearest =
          rest.stream()
              .min(Comparator.comparingDouble(one -> Math.abs(one.logMillis() - target)))
              .orElseThrow();
      rest.remove(nearest);
      chosen.add(nearest);
    }
    return chosen.stream()
        .sorted(Comparator.comparingDouble(Timed::logMillis))
        .map(Timed::architecture)
        .toList();
  }
}
