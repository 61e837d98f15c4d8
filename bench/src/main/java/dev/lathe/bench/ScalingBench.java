package dev.lathe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.bench.ScalingStudy.Cost;
import dev.lathe.bench.ScalingStudy.Explained;
import dev.lathe.bench.ScalingStudy.Network;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench scaling}: what a network's MACs and activations say of its throughput. */
@Command(
    name = "scaling",
    mixinStandardHelpOptions = true,
    description = {
      "Predicts throughputs of a table from MACs, activations or both, processor by processor.",
      "The table has the columns infer_gmacs, infer_macts, param_count and NAME_img_per_s.",
      "Example: ./lathe bench scaling --table timm_imagenet_bench.csv.gz --json out.json"
    })
final class ScalingBench implements Callable<Integer> {
  private static final String THROUGHPUT = "_img_per_s";

  @Spec private CommandSpec spec;

  @Option(names = "--table", required = true, description = "CSV file, plain or gzipped.")
  private Path table;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the division into folds (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Where to write the figures.")
  private Path json;

  @Override
  public Integer call() throws IOException {
    if (!Files.isRegularFile(table)) {
      throw wrong("--table %s: there is no such file.".formatted(table));
    }
    Map<String, List<Network>> processors = read();
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode tree = mapper.createObjectNode();
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%-20s %-12s %8s %8s %9s %9s %8s %8s%n",
        "processor", "told by", "networks", "Pearson", "of logs", "Spearman", "error", "in 10 %");
    processors.forEach(
        (processor, networks) -> {
          ObjectNode node = tree.putObject(processor).put("networks", networks.size());
          ScalingStudy.of(networks, seed)
              .forEach(
                  (cost, explained) -> {
                    print(out, processor, networks.size(), cost, explained);
                    write(node.putObject(name(cost)), explained);
                  });
        });
    out.flush();
    if (json != null) {
      mapper.writerWithDefaultPrettyPrinter().writeValue(json.toFile(), tree);
    }
    return 0;
  }

  private static void print(
      PrintWriter out, String processor, int networks, Cost cost, Explained explained) {
    out.printf(
        Locale.ROOT,
        "%-20s %-12s %8d %8.4f %9.4f %9.4f %7.1f%% %8.3f%n",
        processor,
        name(cost),
        networks,
        explained.pearson(),
        explained.pearsonOfLogs(),
        explained.heldOut().spearman(),
        100 * explained.heldOut().mape(),
        explained.heldOut().within10());
  }

  private static void write(ObjectNode node, Explained explained) {
    node.put("pearson", explained.pearson())
        .put("pearsonOfLogs", explained.pearsonOfLogs())
        .put("spearman", explained.heldOut().spearman())
        .put("mape", explained.heldOut().mape())
        .put("within10", explained.heldOut().within10());
  }

  private static String name(Cost cost) {
    return cost.name().toLowerCase(Locale.ROOT);
  }

  /** The networks of each processor; those that lack a number are left out. */
  private Map<String, List<Network>> read() throws IOException {
    List<String[]> lines = new ArrayList<>();
    try (InputStream raw = Files.newInputStream(table);
        InputStream in = table.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      reader.lines().forEach(line -> lines.add(line.split(",", -1)));
    }
    List<String> header = lines.isEmpty() ? List.of() : List.of(lines.getFirst());
    int macs = column(header, "infer_gmacs");
    int activations = column(header, "infer_macts");
    int parameters = column(header, "param_count");
    Map<String, List<Network>> processors = new LinkedHashMap<>();
    for (int column = 0; column < header.size(); column++) {
      if (!header.get(column).endsWith(THROUGHPUT)) {
        continue;
      }
      List<Network> networks = new ArrayList<>();
      for (String[] line : lines.subList(1, lines.size())) {
        OptionalDouble m = positive(line, macs);
        OptionalDouble a = positive(line, activations);
        OptionalDouble p = positive(line, parameters);
        OptionalDouble images = positive(line, column);
        if (m.isPresent() && a.isPresent() && p.isPresent() && images.isPresent()) {
          networks.add(
              new Network(
                  m.getAsDouble(), a.getAsDouble(), p.getAsDouble(), 1000 / images.getAsDouble()));
        }
      }
      String name = header.get(column);
      processors.put(name.substring(0, name.length() - THROUGHPUT.length()), networks);
    }
    if (processors.isEmpty()) {
      throw wrong("--table %s has no column that ends in '%s'.".formatted(table, THROUGHPUT));
    }
    return processors;
  }

  private int column(List<String> header, String name) {
    int column = header.indexOf(name);
    if (column < 0) {
      throw wrong("--table %s has no column '%s', only %s.".formatted(table, name, header));
    }
    return column;
  }

  private static OptionalDouble positive(String[] line, int column) {
    if (column >= line.length) {
      return OptionalDouble.empty();
    }
    try {
      double value = Double.parseDouble(line[column]);
      return value > 0 && Double.isFinite(value)
          ? OptionalDouble.of(value)
          : OptionalDouble.empty();
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
