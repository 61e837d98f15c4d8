package dev.lathe.bench.payoff;

import dev.lathe.bench.Kept;
import dev.lathe.bench.LocalDevice;
import dev.lathe.bench.payoff.RivalTraining.Trained;
import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.space.Architecture;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A rival's networks, each trained for its part of the time; one that is there is not repeated. */
final class RivalPhase {
  private final Setup setup;
  private final DataSet data;
  private final NetworkSpace space;
  private final String spaceText;
  private final RivalTraining training;
  private final RandomStreams streams;

  /**
   * A phase.
   *
   * @param spaceText the whole definition of the space, to tell it from others
   */
  RivalPhase(
      Setup setup,
      DataSet data,
      NetworkSpace space,
      String spaceText,
      RivalTraining training,
      RandomStreams streams) {
    this.setup = setup;
    this.data = data;
    this.space = space;
    this.spaceText = spaceText;
    this.training = training;
    this.streams = streams;
  }

  /** All that the results depend on. */
  private record Settings(
      String rival,
      String recipe,
      String data,
      String space,
      String machine,
      double minutes,
      int points,
      long seed) {}

  /**
   * A rival's files.
   *
   * @param folder where they are
   */
  record Made(String name, Path folder, List<Trained> networks) {
    double seconds() {
      return networks.stream().mapToDouble(Trained::seconds).sum();
    }
  }

  Made run(RivalKind kind, Path home, boolean again, Progress progress) throws IOException {
    Settings settings =
        new Settings(
            kind.label(),
            RivalTraining.recipe(data).toString(),
            data.sha256(),
            kind == RivalKind.RANDOM ? spaceText : "",
            Setup.machine(),
            setup.minutes(),
            setup.points(),
            setup.rivalsSeed());
    Path folder = home.resolve(kind.label() + "-" + Setup.key(settings));
    if (again) {
      Folders.delete(folder);
    }
    Kept kept = Kept.in(folder, settings);
    List<FixedNetwork> networks =
        switch (kind) {
          case MOBILENETV2 -> RivalKind.mobileNets(setup.points(), data);
          case RESNET -> RivalKind.resNets(setup.points(), data);
          case RANDOM -> random(kept);
        };
    List<Trained> trained = new ArrayList<>();
    for (int i = 0; i < networks.size(); i++) {
      FixedNetwork network = networks.get(i);
      double from = (double) i / networks.size();
      Progress here = progress.between(from, from + 1.0 / networks.size());
      trained.add(
          kept.once(
              network.name(),
              Trained.class,
              () -> training.train(network, 60 * setup.minutes() / networks.size(), folder, here)));
    }
    return new Made(kind.label(), folder, trained);
  }

  private List<FixedNetwork> random(Kept kept) throws IOException {
    int[][] choices =
        kept.once(
            "architectures",
            int[][].class,
            () -> {
              try (LocalDevice device = LocalDevice.start()) {
                return LatencySpread.draw(
                        space, setup.points(), streams, device, training::statistics)
                    .stream()
                    .map(Architecture::toArray)
                    .toArray(int[][]::new);
              }
            });
    List<FixedNetwork> networks = new ArrayList<>();
    for (int[] choice : choices) {
      networks.add(
          FixedNetwork.of("random-" + (networks.size() + 1), space, Architecture.of(choice)));
    }
    return networks;
  }
}
