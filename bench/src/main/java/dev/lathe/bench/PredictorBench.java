package dev.lathe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.bench.PredictorBenchmark.Family;
import dev.lathe.bench.PredictorBenchmark.Protocol;
import dev.lathe.bench.PredictorBenchmark.Selection;
import dev.lathe.latency.lookup.OperatorTable;
import dev.lathe.space.table.MeasurementTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench predictor}: how well a latency predictor does from a few rows of a table. */
@Command(
    name = "predictor",
    mixinStandardHelpOptions = true,
    description = {
      "Predicts a device's column of a table of recorded latencies from some of its rows.",
      "Protocol help: the first rows are the pool, the next 1000 the test; the tenth of the fastest"
          + " and of the slowest is left out of both; the rows that are seen are drawn from the pool."
          + " Protocol random: the rows are drawn from all, all others are the test.",
      "Example: ./lathe bench predictor --table nasbench201.csv.gz --device fpga_latency_ms"
          + " --sources 1080ti_1_latency_ms,pixel3_latency_ms --samples 10 --protocol help --seed 1"
          + " --seeds 50 --json out.json"
    })
final class PredictorBench implements Callable<Integer> {
  private static final String LATENCY = "_latency_ms";

  @Spec private CommandSpec spec;

  @Option(names = "--table", required = true, description = "CSV file, plain or gzipped.")
  private Path table;

  @Option(
      names = "--device",
      required = true,
      description = "Metric to predict; '_latency_ms' may be left out.")
  private String device;

  @Option(
      names = "--sources",
      split = ",",
      description = "Metrics of other devices, known on the pool's rows.")
  private List<String> sources = new ArrayList<>();

  @Option(names = "--samples", required = true, description = "Rows of the device that are seen.")
  private int samples;

  @Option(names = "--protocol", required = true, description = "${COMPLETION-CANDIDATES}")
  private Protocol protocol;

  @Option(
      names = "--family",
      description =
          "${COMPLETION-CANDIDATES}; by default lookup where operators are given, transfer where sources"
              + " are, else regression.")
  private Family family;

  @Option(
      names = "--selection",
      defaultValue = "drawn",
      description =
          "How the rows that are seen are chosen: ${COMPLETION-CANDIDATES}; active takes, of 300 drawn"
              + " ones, those that tell most by what the sources teach (${DEFAULT-VALUE}).")
  private Selection selection;

  @Option(
      names = "--operators",
      description =
          "For family lookup: CSV file of recorded operator latencies (key, mean_ms) of the space of"
              + " Once-for-All's MobileNetV3.")
  private @Nullable Path operators;

  @Option(names = "--seed", defaultValue = "1", description = "First seed (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--seeds", defaultValue = "1", description = "Number of runs.")
  private int seeds;

  @Option(names = "--json", description = "Where to write the figures.")
  private Path json;

  @Override
  public Integer call() throws IOException {
    if (samples < 1 || seeds < 1) {
      throw wrong("--samples is %d and --seeds %d, both must be >= 1.".formatted(samples, seeds));
    }
    if (!Files.isRegularFile(table)) {
      throw wrong("--table %s: there is no such file.".formatted(table));
    }
    PredictorFigures figures;
    try {
      MeasurementTable read = MeasurementTable.read(table);
      String target = metric(read, device);
      Map<String, double[]> known = new LinkedHashMap<>();
      for (String source : sources) {
        String name = metric(read, source);
        if (name.equals(target)) {
          throw wrong(
              "--sources has the target '%s' among them. Maybe leave it out: a new device is not known."
                  .formatted(target));
        }
        known.put(name, read.metric(name));
      }
      Family chosen =
          family != null
              ? family
              : operators != null
                  ? Family.LOOKUP
                  : known.isEmpty() ? Family.REGRESSION : Family.TRANSFER;
      Optional<OperatorTable> recorded =
          operators == null ? Optional.empty() : Optional.of(OperatorTable.read(operators));
      figures =
          new PredictorBenchmark(
                  read, target, known, recorded, samples, protocol, selection, chosen)
              .run(seed, seeds);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
    ObjectMapper mapper = new ObjectMapper();
    if (json != null) {
      mapper.writerWithDefaultPrettyPrinter().writeValue(json.toFile(), figures.toJson(mapper));
    }
    figures.print(spec.commandLine().getOut());
    return 0;
  }

  static String metric(MeasurementTable table, String name) {
    String bare = name.startsWith("metric:") ? name.substring("metric:".length()) : name;
    return table.metrics().contains(bare + LATENCY) ? bare + LATENCY : bare;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
