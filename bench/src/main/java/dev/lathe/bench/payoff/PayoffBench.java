package dev.lathe.bench.payoff;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.cli.client.LocalHome;
import dev.lathe.cli.compress.JsonFile;
import dev.lathe.cli.demo.Homes;
import dev.lathe.cli.demo.LocalSearch;
import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.data.DataException;
import dev.lathe.data.DataSets;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench payoff}: is a search worth its time? */
@Command(
    name = "payoff",
    mixinStandardHelpOptions = true,
    description = {
      "Gives a whole search some minutes, and each of its rivals the same minutes in all, divided"
          + " among its networks: MobileNetV2 of several widths, residual networks (ResNet-8 of"
          + " MLPerf Tiny among them), random architectures of the search's space. All are written"
          + " in float32 and int8 and measured in turns on this machine.",
      "Finished phases are kept: the same command goes on after a kill, and another --seed is"
          + " compared with the rivals that are there.",
      "Example: ./lathe bench payoff --data builtin --minutes 6 --points 3 --json out.json"
    })
public final class PayoffBench implements Callable<Integer> {
  private final SearchPhase.Search search;

  @Spec private CommandSpec spec;

  @Option(names = "--data", defaultValue = "builtin", description = DataSets.KINDS)
  private String data = "builtin";

  @Option(
      names = "--minutes",
      defaultValue = "6",
      description = "For the search, and for each rival in all (${DEFAULT-VALUE}).")
  private double minutes;

  @Option(
      names = "--points",
      defaultValue = "3",
      description = "Networks of each rival, 1 to " + RivalKind.MOST + " (${DEFAULT-VALUE}).")
  private int points;

  @Option(names = "--seed", defaultValue = "1", description = "Of the search (${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--rivals-seed",
      defaultValue = "1",
      description = "Of the rivals and their data (${DEFAULT-VALUE}).")
  private long rivalsSeed;

  @Option(
      names = "--rivals",
      split = ",",
      defaultValue = "mobilenetv2,resnet,random",
      description = "Which there are (${DEFAULT-VALUE}).")
  private List<String> rivals = List.of();

  @Option(names = "--space", description = "YAML file or built-in name (by the images' size).")
  private Optional<String> space = Optional.empty();

  @Option(
      names = "--set",
      description =
          "A finer setting of the search, NAME=VALUE; trainImages, validationImages and testImages"
              + " hold for the rivals, too.")
  private Map<String, String> settings = Map.of();

  @Option(
      names = "--again",
      split = ",",
      description = "Phases to repeat though they are there: lathe, or a rival's name.")
  private Set<String> again = new LinkedHashSet<>();

  @Option(
      names = "--home",
      description = "Folder of finished phases (LATHE_HOME or ~/.lathe, and there payoff).")
  private Optional<Path> home = Optional.empty();

  @Option(names = "--json", description = "Where to write the figures.")
  private Optional<Path> json = Optional.empty();

  /** The benchmark of the product's own search. */
  public PayoffBench() {
    this(
        (request, folder, report) ->
            new LocalSearch("lathe bench payoff", folder, report, System.out)
                .run(request, false, Optional.empty()));
  }

  PayoffBench(SearchPhase.Search search) {
    this.search = search;
  }

  @Override
  public Integer call() throws IOException {
    if (!(minutes > 0) || points < 1 || points > RivalKind.MOST) {
      throw wrong(
          "--minutes is %s and --points %d; minutes must be above 0, points 1 to %d."
              .formatted(minutes, points, RivalKind.MOST));
    }
    List<RivalKind> kinds;
    try {
      kinds = rivals.stream().distinct().map(RivalKind::named).toList();
      for (String phase : again) {
        if (!phase.equals(SearchPhase.NAME)) {
          RivalKind.named(phase);
        }
      }
      DataSets.check(data);
    } catch (IllegalArgumentException | DataException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
    Setup setup = new Setup(data, minutes, points, seed, rivalsSeed, space.orElse(null), finer());
    Path folder = Homes.folder(Optional.of(home.orElseGet(PayoffBench::usualHome)));
    Payoff.Figures figures =
        new Payoff(setup, folder, again, search, ProgressLine.onStandardError()).run(kinds);
    if (json.isPresent()) {
      JsonFile.write(json.get(), figures);
    }
    print(figures, spec.commandLine().getOut());
    return 0;
  }

  private static Path usualHome() {
    return LocalHome.of(Optional.empty()).folder().resolve("payoff");
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private Map<String, Object> finer() {
    Map<String, Object> finer = new LinkedHashMap<>();
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      if (setting.getKey().equals("baselines")) {
        throw wrong("--set baselines: the search has none here, its time is its own.");
      }
      try {
        finer.put(setting.getKey(), new ObjectMapper().readValue(setting.getValue(), Object.class));
      } catch (IOException _) {
        finer.put(setting.getKey(), setting.getValue());
      }
    }
    return finer;
  }

  private static void print(Payoff.Figures figures, PrintWriter out) {
    out.printf(
        "%-12s %9s %7s %12s %12s %10s %10s%n",
        "", "seconds", "points", "hypervolume", "front cut", "dominated", "by cut");
    row(out, SearchPhase.NAME, figures.lathe().seconds(), figures.lathe().front().size(), figures);
    for (Payoff.Rival rival : figures.rivals()) {
      row(out, rival.name(), rival.seconds(), rival.points().size(), figures);
    }
    table(out, SearchPhase.NAME, figures.lathe().front());
    figures.rivals().forEach(rival -> table(out, rival.name(), rival.points()));
    Improvement over = figures.relativeImprovementOverRandom();
    if (over != null) {
      out.printf(
          "%nmore accurate than random architectures: %+.2f %% (95 %% between %+.2f and %+.2f)%n",
          100 * over.mean(), 100 * over.low(), 100 * over.high());
    }
    Integer breakEven = figures.breakEvenPoints();
    out.printf(
        "%s%n",
        breakEven == null
            ? "for no number of points the front is level with every rival"
            : "level with every rival from %d points on".formatted(breakEven));
    if (!figures.measuredOn().quiet()) {
      out.printf(
          "the machine was not quiet: %.0f %% of the measurements were undisturbed%n",
          100 * figures.measuredOn().quietShare());
    }
    out.flush();
  }

  private static void row(
      PrintWriter out, String name, double seconds, int points, Payoff.Figures figures) {
    Double dominated = figures.dominated().get(name);
    Double byCut = figures.dominatedByCut().get(name);
    out.printf(
        "%-12s %9.0f %7d %12.4f %12.4f %10s %10s%n",
        name,
        seconds,
        points,
        figures.hypervolume().get(name),
        figures.hypervolumeCut().get(name),
        dominated == null ? "" : "%.2f".formatted(dominated),
        byCut == null ? "" : "%.2f".formatted(byCut));
  }

  private static void table(PrintWriter out, String name, List<MeasuredPoint> points) {
    out.printf("%n%s%n", name);
    points.stream()
        .sorted(Comparator.comparingDouble(MeasuredPoint::p50))
        .forEach(
            point ->
                out.printf(
                    "  %-24s %-8s test %.4f  validation %.4f  %8.4f ms %9d bytes%n",
                    point.network(),
                    point.form(),
                    point.testAccuracy(),
                    point.validationAccuracy(),
                    point.p50(),
                    point.bytes()));
  }
}
