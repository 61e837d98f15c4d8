package dev.lathe.cli.compress;

import dev.lathe.compress.ForeignModel;
import dev.lathe.compress.OutputError;
import dev.lathe.compress.calibration.CalibrationSource;
import dev.lathe.compress.calibration.ImageOptions;
import dev.lathe.compress.claim.Blame;
import dev.lathe.compress.claim.Budget;
import dev.lathe.compress.claim.Claim;
import dev.lathe.compress.claim.Score;
import dev.lathe.compress.claim.Verdict;
import dev.lathe.compress.recipe.Compressed;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.compress.recipe.RecipeReader;
import dev.lathe.compress.recipe.StepReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.supernet.onnx.ImageLessons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compresses an ONNX file. */
@Command(
    name = "compress",
    mixinStandardHelpOptions = true,
    description = {
      "Compresses an ONNX file with a recipe and reports what that did, measured on inputs that",
      "calibration did not see. Ends with code 1 if the result is broken, with 3 if --max-drop",
      "cannot be kept.",
      "Example: lathe compress model.onnx --recipe int8 --calibration folder:images --out small"
    })
public final class CompressCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "MODEL", description = "ONNX file")
  private Path model = Path.of("");

  @Option(
      names = "--recipe",
      required = true,
      description = {
        "YAML file, or a name: float32, int8, mixed, half, weights8, weights4, ...;",
        "NAME+fine-tune trains the result by the original's answers"
      })
  private String recipe = "";

  @Option(
      names = "--calibration",
      defaultValue = "noise:64",
      description = {
        "builtin, folder:DIR, csv:FILE, zip:FILE, tar:FILE, parquet:FILE, idx:DIR, cifar:DIR; npz:FILE or npz:DIR (an array an input, the"
            + " first",
        "dimension counts samples; 'label' holds classes), npy:FILE; noise:COUNT (default:"
            + " noise:64)"
      })
  private String calibration = "";

  @Mixin private ImageOption images = new ImageOption();
  @Mixin private SizeOption size = new SizeOption();

  @Option(names = "--out", required = true, description = "folder for the compressed file")
  private Path out = Path.of("");

  @Option(names = "--json", description = "file for the report")
  private Optional<Path> json = Optional.empty();

  @Option(
      names = "--accept-broken",
      description = "end with code 0 even if the result does not do the original's job")
  private boolean acceptBroken;

  @Mixin private BudgetOption limit = new BudgetOption();

  @Option(names = "--seed", defaultValue = "1", description = "of data and noise")
  private long seed;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** The original beside the result. */
  record Original(long bytes, double latencyMillis, Map<String, long[]> shapes) {}

  /** An output's figure, and the interval that has it on all inputs of the kind. */
  record Output(
      String name, double sqnrDecibels, double lower95, double upper95, boolean heldOut) {}

  /**
   * The report for machines.
   *
   * @param outputDecibels of the worst output, on inputs that calibration did not see
   * @param onNoise whether inputs were random numbers
   * @param score null where there are no labels, or the model answers otherwise
   * @param budget null unless a limit was set
   */
  record Report(
      String recipe,
      String onnx,
      String verdict,
      List<String> reasons,
      Original original,
      long floatBytes,
      long bytes,
      double latencyMillis,
      double outputDecibels,
      double fusionDecibels,
      boolean onNoise,
      List<Output> outputs,
      @Nullable Score score,
      double floatAccuracy,
      double accuracy,
      List<Blame> blame,
      BudgetOption.@Nullable Told budget,
      List<String> notes,
      double seconds,
      double peakMegabytes,
      List<StepReport> steps) {}

  @Override
  public Integer call() throws IOException {
    CompressionRecipe chosen = recipe(recipe);
    ImageOptions options = images.options();
    ForeignModel foreign = UserModel.read(model, calibration, size.sizes());
    OnnxGraph graph = foreign.graph();
    UserModel.print(foreign, spec.commandLine().getErr());
    CalibrationSource source = CalibrationSource.open(calibration, graph, options, seed);
    Compressed compressed;
    double seconds;
    try (Heartbeat heartbeat = new Heartbeat(spec.commandLine().getErr())) {
      long start = System.nanoTime();
      compressed =
          Compressor.apply(
              chosen,
              graph,
              source.data(),
              source.heldOut(),
              new ImageLessons(calibration, options, seed, heartbeat::say),
              heartbeat);
      seconds = (System.nanoTime() - start) / 1e9;
      heartbeat.at("judging");
      OnnxGraph result = foreign.finished(compressed.model());
      Optional<Budget.Outcome> outcome = Optional.empty();
      if (limit.budget().isPresent()) {
        heartbeat.at("keeping the score within its limit");
        outcome = Optional.of(limit.keep(foreign, source, chosen, result));
        result = outcome.get().model();
      }
      Written file = write(chosen, compressed, result);
      heartbeat.at("judging");
      Claim claim = Claim.of(graph, foreign.file(), result, source);
      Report report = report(chosen, file, foreign, source, compressed, claim, outcome, seconds);
      heartbeat.close();
      CompressionText.print(spec.commandLine().getOut(), report);
      if (json.isPresent()) {
        JsonFile.write(json.get(), report);
      }
      if (outcome.isPresent() && !outcome.get().kept()) {
        spec.commandLine()
            .getErr()
            .printf(
                "lathe: the limit of %s is not kept: %.4f was lost on %d items; the best found was"
                    + " written.%n",
                limit.budget().orElseThrow().most(), outcome.get().drop(), outcome.get().items());
        return 3;
      }
      return report.verdict().equals(Verdict.Kind.BROKEN.toString()) && !acceptBroken ? 1 : 0;
    }
  }

  /** The result's file, and its bytes with those of weights beside it. */
  private record Written(Path file, long bytes) {}

  private Written write(CompressionRecipe chosen, Compressed compressed, OnnxGraph result)
      throws IOException {
    String name = model.getFileName().toString().replaceFirst("\\.onnx$", "");
    Path file = out.resolve(name + "-" + chosen.name() + ".onnx");
    long bytes = result.write(file);
    for (Map.Entry<String, String> text : compressed.files().entrySet()) {
      Files.writeString(
          out.resolve(name + "-" + chosen.name() + "." + text.getKey()), text.getValue());
    }
    return new Written(file, bytes);
  }

  private Report report(
      CompressionRecipe chosen,
      Written written,
      ForeignModel foreign,
      CalibrationSource source,
      Compressed compressed,
      Claim claim,
      Optional<Budget.Outcome> outcome,
      double seconds) {
    long before = foreign.file().bytes();
    long bytes = written.bytes();
    Verdict verdict =
        outcome
            .map(found -> claim.verdict(before, bytes, limit.budget().orElseThrow(), found))
            .orElseGet(() -> claim.verdict(before, bytes));
    List<String> notes = new java.util.ArrayList<>(foreign.notes());
    notes.addAll(source.notes());
    Score score = claim.score().orElse(null);
    return new Report(
        chosen.name(),
        written.file().toString(),
        verdict.kind().toString(),
        verdict.reasons(),
        new Original(
            before, claim.originalMillis(), Shapes.of(foreign.graph(), foreign.shapes(), 1)),
        before,
        bytes,
        claim.millis(),
        claim.comparison().outputDecibels(),
        claim.comparison().fusionDecibels(),
        source.isNoise(),
        claim.comparison().outputs().stream().map(CompressCommand::output).toList(),
        score,
        score == null ? Double.NaN : score.original(),
        score == null ? Double.NaN : score.compressed(),
        claim.blame(),
        outcome.map(limit::told).orElse(null),
        notes,
        seconds,
        ResidentMemory.peakMegabytes(),
        compressed.steps());
  }

  private static Output output(OutputError error) {
    return new Output(error.name(), error.sqnrDecibels(), error.lower95(), error.upper95(), true);
  }

  static CompressionRecipe recipe(String nameOrFile) throws IOException {
    Optional<CompressionRecipe> known = CompressionRecipe.named(nameOrFile);
    if (known.isPresent()) {
      return known.get();
    }
    Path file = Path.of(nameOrFile);
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          "there is no recipe '%s' and no such file. Maybe one of %s."
              .formatted(nameOrFile, CompressionRecipe.known().keySet()));
    }
    return RecipeReader.read(Files.readString(file));
  }
}
