package dev.lathe.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.supernet.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench payoff}: a search against fixed networks that get the same time in total. */
@Command(
    name = "payoff",
    mixinStandardHelpOptions = true,
    description = {
      "Carries out a whole search in some minutes, and trains fixed networks in the same minutes in"
          + " total: MobileNetV2 of several widths, residual networks, and random architectures of"
          + " the space. All files are measured in turns on this machine.",
      "Finished work is kept in a folder: the same command goes on after a kill, and another seed"
          + " meets the same rivals. Measuring is done anew.",
      "Example: ./lathe bench payoff --data builtin --minutes 6 --points 3 --json out.json"
    })
final class PayoffBench implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LATHE = "lathe";

  @Spec private CommandSpec spec;
  @Mixin private TaskOptions options = new TaskOptions();

  @Option(
      names = "--minutes",
      defaultValue = "6",
      description = "For the search, and for each kind of rival in total (${DEFAULT-VALUE}).")
  private double minutes;

  @Option(
      names = "--points",
      defaultValue = "3",
      description = "Networks of each kind of rival (${DEFAULT-VALUE}).")
  private int points;

  /** What kept rivals depend on. */
  record Settings(
      String data, String space, double minutes, int points, int batch, int processors) {}

  /** A file with its accuracy on test images, before it is measured. */
  record Made(String network, String form, double testAccuracy, String file, long bytes) {}

  /** What came of a phase. */
  record Phase(List<Made> files, double seconds) {
    Phase {
      files = List.copyOf(files);
    }
  }

  record Judged(Contender lathe, List<Contender> rivals, PayoffVerdict verdict) {}

  @Override
  public Integer call() throws IOException {
    if (!(minutes >= 0.5) || points < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--minutes is %s and --points %d, they must be >= 0.5 and >= 1."
              .formatted(minutes, points));
    }
    ProgressLine line = ProgressLine.onStandardError();
    ImageTask task = options.load(line);
    Kept kept =
        options.kept(
            new Settings(
                options.data(),
                task.spec().name(),
                minutes,
                points,
                options.batch(),
                Runtime.getRuntime().availableProcessors()));
    Phase ours =
        kept.once(
            "lathe-" + options.seed(),
            Phase.class,
            () -> search(kept.file("home-" + options.seed()), line));
    List<String> names = new ArrayList<>();
    List<Phase> phases = new ArrayList<>();
    try (Workers workers = options.workers()) {
      PayoffRivals rivals = new PayoffRivals(task, options.batch(), workers, kept);
      for (PayoffRivals.Kind kind : rivals.kinds(points)) {
        names.add(kind.name());
        phases.add(rivals.train(kind, 60 * minutes / points, line));
      }
    }
    Judged judged = judge(ours, names, phases, task.data().classes().size(), line);
    line.end();
    print(judged);
    options.write(tree(judged));
    return 0;
  }

  /** The whole product in a process of its own: as a user runs it, from start to files. */
  private Phase search(Path home, ProgressLine line) throws IOException {
    clear(home);
    Path request = home.resolveSibling(home.getFileName() + ".request.json");
    Path report = home.resolveSibling(home.getFileName() + ".report.json");
    ObjectNode asked = JSON.createObjectNode();
    asked.put("name", "payoff").put("data", options.data()).put("seed", options.seed());
    options.space().ifPresent(space -> asked.put("space", space));
    asked.putObject("budget").put("minutes", minutes);
    asked.putObject("settings").putArray("baselines");
    Files.writeString(request, asked.toPrettyString());
    line.show("search", 0, "%.1f minutes, log in %s.log".formatted(minutes, home));
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "--enable-native-access=ALL-UNNAMED",
            "-Dlathe.root=" + System.getProperty("lathe.root", ""),
            "dev.lathe.cli.Lathe",
            "search",
            "--request",
            request.toString(),
            "--home",
            home.toString(),
            "--json",
            report.toString());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.redirectErrorStream(true);
    builder.redirectOutput(home.resolveSibling(home.getFileName() + ".log").toFile());
    long start = System.nanoTime();
    int code;
    try {
      Process process = builder.start();
      code = process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while searching", e);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    if (code != 0) {
      throw new IOException(
          "the search ended with code %d; its log is %s.log.".formatted(code, home));
    }
    List<Made> files = new ArrayList<>();
    for (JsonNode network : JSON.readTree(report.toFile()).path("front")) {
      files.add(
          new Made(
              network.path("name").asText(network.path("id").asText()),
              network.path("precision").asText(),
              network.path("testAccuracy").asDouble(),
              network.path("onnx").asText(),
              network.path("bytes").asLong()));
    }
    return new Phase(files, seconds);
  }

  private static void clear(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private Judged judge(
      Phase ours, List<String> names, List<Phase> phases, int classes, ProgressLine line)
      throws IOException {
    List<Path> files = new ArrayList<>();
    ours.files().forEach(made -> files.add(Path.of(made.file())));
    phases.forEach(phase -> phase.files().forEach(made -> files.add(Path.of(made.file()))));
    line.show("measuring", 0, "%d files in turns".formatted(files.size()));
    List<OptionalDouble> latencies;
    try (LocalDevice device = LocalDevice.start()) {
      latencies = device.latencies(files);
    }
    int from = ours.files().size();
    Contender lathe = contender(LATHE, ours, latencies.subList(0, from));
    List<Contender> rivals = new ArrayList<>();
    for (int i = 0; i < phases.size(); i++) {
      int to = from + phases.get(i).files().size();
      rivals.add(contender(names.get(i), phases.get(i), latencies.subList(from, to)));
      from = to;
    }
    return new Judged(
        lathe,
        rivals,
        PayoffVerdict.of(lathe, rivals, classes, PayoffRivals.RANDOM, options.seed()));
  }

  private static Contender contender(String name, Phase phase, List<OptionalDouble> latencies) {
    List<MeasuredPoint> measured = new ArrayList<>();
    for (int i = 0; i < latencies.size(); i++) {
      Made made = phase.files().get(i);
      latencies
          .get(i)
          .ifPresent(
              p50 ->
                  measured.add(
                      new MeasuredPoint(
                          made.network(), made.form(), made.testAccuracy(), p50, made.bytes())));
    }
    return new Contender(name, measured, phase.seconds());
  }

  private static ObjectNode tree(Judged judged) {
    ObjectNode tree = JSON.createObjectNode();
    tree.putObject(LATHE)
        .put("seconds", judged.lathe().seconds())
        .set("front", JSON.valueToTree(judged.lathe().points()));
    tree.set("rivals", JSON.valueToTree(judged.rivals()));
    PayoffVerdict verdict = judged.verdict();
    tree.set("hypervolume", JSON.valueToTree(verdict.hypervolume()));
    tree.set("hypervolumeCut", JSON.valueToTree(verdict.hypervolumeCut()));
    tree.set("dominated", JSON.valueToTree(verdict.dominated()));
    tree.set(
        "relativeImprovementOverRandom", JSON.valueToTree(verdict.relativeImprovementOverRandom()));
    OptionalInt breakEven = verdict.breakEvenPoints();
    if (breakEven.isPresent()) {
      tree.put("breakEvenPoints", breakEven.getAsInt());
    } else {
      tree.putNull("breakEvenPoints");
    }
    return tree;
  }

  private void print(Judged judged) {
    List<Contender> all = new ArrayList<>(List.of(judged.lathe()));
    all.addAll(judged.rivals());
    Map<String, Double> volumes = judged.verdict().hypervolume();
    var out = spec.commandLine().getOut();
    for (Contender contender : all) {
      out.printf(
          "%s: %.0f s, hypervolume %.4f%s%n",
          contender.name(),
          contender.seconds(),
          volumes.get(contender.name()),
          judged.verdict().dominated().containsKey(contender.name())
              ? ", %.2f of its points dominated"
                  .formatted(judged.verdict().dominated().get(contender.name()))
              : "");
      contender.points().stream()
          .sorted(java.util.Comparator.comparingDouble(MeasuredPoint::p50))
          .forEach(
              point ->
                  out.printf(
                      "  %-28s %-8s %.4f at %.4f ms, %d bytes%n",
                      point.network(),
                      point.form(),
                      point.testAccuracy(),
                      point.p50(),
                      point.bytes()));
    }
    PayoffVerdict.Improvement better = judged.verdict().relativeImprovementOverRandom();
    out.printf(
        "relative improvement over random architectures %.3f (%.3f to %.3f); pays from %s points%n",
        better.mean(),
        better.low(),
        better.high(),
        judged.verdict().breakEvenPoints().isPresent()
            ? String.valueOf(judged.verdict().breakEvenPoints().getAsInt())
            : "no number of");
    out.flush();
  }
}
