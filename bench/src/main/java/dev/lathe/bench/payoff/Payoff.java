package dev.lathe.bench.payoff;

import dev.lathe.bench.LocalDevice;
import dev.lathe.bench.payoff.MeasuringInTurns.Latencies;
import dev.lathe.bench.payoff.RivalPhase.Made;
import dev.lathe.bench.payoff.RivalTraining.Trained;
import dev.lathe.bench.payoff.RivalTraining.Written;
import dev.lathe.bench.payoff.SearchPhase.Found;
import dev.lathe.bench.payoff.SearchPhase.Member;
import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.SpaceSpec;
import dev.lathe.space.family.SpaceFiles;
import dev.lathe.supernet.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The comparison: the search, the rivals, all files measured in turns, the verdict. */
final class Payoff {
  private final Setup setup;
  private final Path home;
  private final Set<String> again;
  private final SearchPhase.Search search;
  private final ProgressLine line;

  /**
   * A comparison.
   *
   * @param home where finished phases are kept
   * @param again names of the phases that are repeated though they are there
   */
  Payoff(Setup setup, Path home, Set<String> again, SearchPhase.Search search, ProgressLine line) {
    this.setup = setup;
    this.home = home;
    this.again = again;
    this.search = search;
    this.line = line;
  }

  /** The search's front, with what it took and what it was given. */
  record Front(List<MeasuredPoint> front, double seconds, double budgetSeconds) {}

  /** How the machine was when all was measured. */
  record Machine(String name, int rounds, double quietShare, boolean quiet) {}

  /** A rival with its networks' trainings beside. */
  record Rival(String name, List<MeasuredPoint> points, double seconds, List<Trained> networks) {}

  /** All figures. */
  record Figures(
      Setup setup,
      Front lathe,
      List<Rival> rivals,
      Map<String, Double> hypervolume,
      Map<String, Double> hypervolumeCut,
      Map<String, Double> dominated,
      Map<String, Double> dominatedByCut,
      @Nullable Improvement relativeImprovementOverRandom,
      @Nullable Integer breakEvenPoints,
      Machine measuredOn) {}

  private record File(
      Path path,
      String network,
      String form,
      double validationAccuracy,
      double testAccuracy,
      long bytes) {}

  Figures run(List<RivalKind> kinds) throws IOException {
    DataSet data = load();
    SpaceSpec spec = space(data);
    Found found =
        new SearchPhase(setup, search).run(home, data.sha256(), again.contains(SearchPhase.NAME));
    List<Made> rivals = rivals(kinds, data, spec);
    List<List<File>> files = new ArrayList<>();
    files.add(found.front().stream().map(Payoff::file).toList());
    rivals.forEach(rival -> files.add(files(rival)));
    return judged(found, rivals, measured(files));
  }

  private Optional<SpaceSpec> asked() throws IOException {
    String space = setup.space();
    if (space == null) {
      return Optional.empty();
    }
    Path file = Path.of(space);
    return Optional.of(
        Files.isRegularFile(file)
            ? SpaceFiles.read(Files.readString(file))
            : SpaceFiles.builtin(space));
  }

  private DataSet load() throws IOException {
    DataOptions options =
        DataOptions.of(setup.rivalsSeed())
            .withResolution(
                setup.limit("resolution") > 0
                    ? setup.limit("resolution")
                    : asked().map(spec -> Collections.max(spec.resolutions())).orElse(0))
            .withSeconds(60 * setup.minutes())
            .withAtMost(
                setup.limit("trainImages"),
                setup.limit("validationImages"),
                setup.limit("testImages"))
            .withHome(home);
    return DataSets.load(
        setup.data(), options, (fraction, message) -> line.show("data", fraction, message));
  }

  private SpaceSpec space(DataSet data) throws IOException {
    int channels = data.shape().channels();
    return asked()
        .map(spec -> spec.withChannels(channels))
        .orElseGet(() -> SpaceFiles.forImages(channels, data.shape().height()));
  }

  private List<Made> rivals(List<RivalKind> kinds, DataSet data, SpaceSpec spec)
      throws IOException {
    RandomStreams streams = new RandomStreams(setup.rivalsSeed());
    NetworkSpace space = spec.space(data.classes().size());
    List<Made> rivals = new ArrayList<>();
    try (Workers workers = Workers.ofProcessors();
        RivalTraining training = new RivalTraining(data, streams, workers)) {
      RivalPhase phase = new RivalPhase(setup, data, space, spec.json(), training, streams);
      for (RivalKind kind : kinds) {
        rivals.add(
            phase.run(
                kind,
                home,
                again.contains(kind.label()),
                (fraction, message) -> line.show(kind.label(), fraction, message)));
      }
    }
    return rivals;
  }

  private static File file(Member member) {
    return new File(
        Path.of(member.file()),
        member.network(),
        member.form(),
        member.validationAccuracy(),
        member.testAccuracy(),
        member.bytes());
  }

  private static List<File> files(Made rival) {
    List<File> files = new ArrayList<>();
    for (Trained network : rival.networks()) {
      for (Written written : network.files()) {
        files.add(
            new File(
                rival.folder().resolve(written.file()),
                network.network(),
                written.form(),
                written.validationAccuracy(),
                written.testAccuracy(),
                written.bytes()));
      }
    }
    return files;
  }

  private record Measured(List<List<MeasuredPoint>> points, Latencies latencies) {}

  private Measured measured(List<List<File>> files) throws IOException {
    Latencies latencies;
    try (LocalDevice device = LocalDevice.start()) {
      latencies =
          MeasuringInTurns.of(
              files.stream().flatMap(List::stream).map(File::path).toList(),
              device,
              (fraction, message) -> line.show("measuring", fraction, message));
    }
    line.end();
    List<List<MeasuredPoint>> points = new ArrayList<>();
    int at = 0;
    for (List<File> group : files) {
      List<MeasuredPoint> measured = new ArrayList<>();
      for (File file : group) {
        OptionalDouble p50 = latencies.p50().get(at++);
        if (p50.isPresent()) {
          measured.add(
              new MeasuredPoint(
                  file.network(),
                  file.form(),
                  file.validationAccuracy(),
                  file.testAccuracy(),
                  p50.getAsDouble(),
                  file.bytes()));
        }
      }
      points.add(measured);
    }
    return new Measured(points, latencies);
  }

  private Figures judged(Found found, List<Made> rivals, Measured measured) {
    Contender lathe =
        new Contender(SearchPhase.NAME, measured.points().getFirst(), found.seconds());
    List<Contender> others = new ArrayList<>();
    List<Rival> told = new ArrayList<>();
    for (int i = 0; i < rivals.size(); i++) {
      Made rival = rivals.get(i);
      List<MeasuredPoint> points = measured.points().get(i + 1);
      others.add(new Contender(rival.name(), points, rival.seconds()));
      told.add(new Rival(rival.name(), points, rival.seconds(), rival.networks()));
    }
    Verdict verdict =
        Verdict.of(lathe, others, found.classes(), RivalKind.RANDOM.label(), setup.seed());
    Latencies latencies = measured.latencies();
    return new Figures(
        setup,
        new Front(lathe.points(), found.seconds(), found.budgetSeconds()),
        told,
        verdict.hypervolume(),
        verdict.hypervolumeCut(),
        verdict.dominated(),
        verdict.dominatedByCut(),
        verdict.relativeImprovementOverRandom().orElse(null),
        verdict.breakEvenPoints().isPresent() ? verdict.breakEvenPoints().getAsInt() : null,
        new Machine(
            Setup.machine(), latencies.rounds(), latencies.quietShare(), latencies.quiet()));
  }
}
