package dev.lathe.cli.slim;

import dev.lathe.cli.compress.ImageOption;
import dev.lathe.cli.compress.JsonFile;
import dev.lathe.cli.compress.SizeOption;
import dev.lathe.cli.compress.UserModel;
import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.compress.ForeignModel;
import dev.lathe.compress.claim.Budget;
import dev.lathe.runs.slim.SlimReport;
import dev.lathe.runs.slim.SlimRun;
import dev.lathe.runs.slim.SlimSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a trained model slimmer. */
@Command(
    name = "slim",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a trained ONNX model slimmer and faster: channels, heads and residual branches that",
      "contribute little are left out, the rest is fitted and trained by the original's answers.",
      "Stopped runs go on where they were when the same command is given again.",
      "Example: lathe slim model.onnx --data folder:images --latency-share 0.5 --out slim"
    })
public final class SlimCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "MODEL", description = "ONNX file")
  private Path model = Path.of("");

  @Option(
      names = "--data",
      required = true,
      description =
          "builtin, folder:DIR, csv:FILE, zip:FILE, tar:FILE, parquet:FILE, idx:DIR, cifar:DIR; npz:FILE or npz:DIR (an array an input); noise:COUNT")
  private String data = "";

  @Mixin private ImageOption images = new ImageOption();
  @Mixin private SizeOption size = new SizeOption();

  @Option(
      names = "--labels",
      defaultValue = "use",
      description = "use (default): labels count beside the original's answers; none: these alone")
  private String labels = "use";

  @Option(
      names = "--device",
      defaultValue = "local",
      description = "where it shall be fast; default: ${DEFAULT-VALUE}, this machine")
  private String device = "local";

  @Option(names = "--max-latency-ms", paramLabel = "X", description = "the latency to reach, in ms")
  private Optional<Double> maxLatency = Optional.empty();

  @Option(
      names = "--latency-share",
      defaultValue = "0.5",
      paramLabel = "S",
      description =
          "or else the share of the original's latency to reach; default ${DEFAULT-VALUE}")
  private double latencyShare = 0.5;

  @Option(
      names = "--max-drop",
      paramLabel = "D",
      description =
          "code 3 unless a file is shown, on held-out items, to lose no more of the score than this,"
              + " for example 0.01")
  private Optional<Double> maxDrop = Optional.empty();

  @Option(
      names = "--confidence",
      defaultValue = "0.95",
      paramLabel = "C",
      description = "with which --max-drop holds; default ${DEFAULT-VALUE}")
  private double confidence = 0.95;

  @Option(
      names = "--minutes",
      defaultValue = "15",
      paramLabel = "N",
      description = "time for everything; default ${DEFAULT-VALUE}")
  private double minutes = 15;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "folder for the files")
  private Path out = Path.of("");

  @Option(names = "--json", paramLabel = "F", description = "file for the report")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--seed", defaultValue = "1", description = "of data, search and training")
  private long seed = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    if (!device.equals("local")) {
      throw new ParameterException(
          spec.commandLine(),
          "device '%s' is not known to this command. Maybe leave --device out: it measures on this machine."
              .formatted(device));
    }
    if (!labels.equals("use") && !labels.equals("none")) {
      throw new ParameterException(
          spec.commandLine(), "--labels is 'use' or 'none', not '%s'.".formatted(labels));
    }
    SlimSettings settings;
    try {
      settings =
          new SlimSettings(
              model,
              data,
              images.options(),
              labels.equals("use") && !data.startsWith("noise"),
              optional(maxLatency),
              latencyShare,
              maxDrop.map(most -> new Budget(most, confidence)),
              minutes,
              out,
              seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    ForeignModel foreign = UserModel.read(model, data, size.sizes());
    UserModel.print(foreign, spec.commandLine().getErr());
    ProgressLine line = ProgressLine.onStandardError();
    SlimReport report;
    try {
      report = new SlimRun(settings, foreign, line::show).run();
    } finally {
      line.end();
    }
    print(spec.commandLine().getOut(), report);
    if (json.isPresent()) {
      JsonFile.write(json.get(), report);
    }
    return report.met() ? 0 : 3;
  }

  private static OptionalDouble optional(Optional<Double> value) {
    return value.isPresent() ? OptionalDouble.of(value.get()) : OptionalDouble.empty();
  }

  private static void print(PrintWriter out, SlimReport report) {
    SlimReport.Original original = report.original();
    double whole = original.figures().get("latency@" + report.devices().getFirst().name()).value();
    out.printf(
        "%n%d networks evaluated; channels sorted by %s%n",
        report.search().evaluations(), report.order().chosen().toLowerCase(java.util.Locale.ROOT));
    for (SlimReport.Fixed fixed : report.fixed()) {
      out.printf(
          "kept whole: %d channels of %s (%s: %s)%n",
          fixed.size(), fixed.channels(), fixed.node(), fixed.reason());
    }
    out.printf(
        "%n%-16s %10s %8s %12s %12s %12s %10s%n",
        "model", "p50 ms", "of it", report.score(), "cut alone", "refitted", "bytes");
    out.printf(
        "%-16s %10.4f %8s %12.4f %12s %12s %10d%n",
        "original",
        whole,
        "1.00",
        original.figures().get(report.score()).value(),
        "",
        "",
        original.bytes());
    for (SlimReport.Member member : report.front()) {
      double p50 = member.latencies().getFirst().p50();
      out.printf(
          "%-16s %10.4f %8.2f %12.4f %12.4f %12.4f %10d%n",
          member.id(),
          p50,
          p50 / whole,
          member.testAccuracy(),
          member.cut(),
          member.refitted(),
          member.bytes());
    }
    report.notes().forEach(note -> out.printf("%s%n", note));
    if (!report.devices().getFirst().quiet()) {
      out.printf("%nthe machine was not quiet: take latencies as shares of one another.%n");
    }
    SlimReport.Budget budget = report.budget();
    if (budget != null && !budget.member().isEmpty()) {
      out.printf(
          "%n%s: a drop of at most %s is %s with confidence %s (%.4f on %d items)%n",
          budget.member(),
          budget.maxDrop(),
          budget.kept() ? "shown" : "not shown",
          budget.confidence(),
          budget.drop(),
          budget.items());
    }
    if (!report.met()) {
      out.printf("%nno network keeps what was asked for; the files above come nearest.%n");
    }
    out.flush();
  }
}
