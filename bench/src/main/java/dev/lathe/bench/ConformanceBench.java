package dev.lathe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.cli.compress.InspectCommand;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.onnx.opset.OpsetConversion;
import dev.lathe.supernet.program.Norms;
import dev.lathe.supernet.program.Program;
import dev.lathe.supernet.tensor.Torch;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bench conformance}: ONNX's own test models against what their files recorded. */
@Command(
    name = "conformance",
    mixinStandardHelpOptions = true,
    description = {
      "Reads every model below a folder as inspect does, raises it to the current operator set and"
          + " runs it, and computes it with the interpreter that trains; both outputs must be those"
          + " that test_data_set_0 beside the model recorded. The onnx package of Python has such"
          + " models in onnx/backend/test/data, and makes more with backend-test-tools generate-data.",
      "Example: ./lathe bench conformance onnx/backend/test/data --json figures.json"
    })
final class ConformanceBench implements Callable<Integer> {
  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 1e-5;
  private static final String SAME = "same";
  private static final String DIFFERS = "differs";

  @Parameters(index = "0", paramLabel = "FOLDER", description = "Where the models are.")
  private Path folder = Path.of("");

  @Option(names = "--json", description = "Where to write the figures.")
  private Optional<Path> json = Optional.empty();

  @Spec private CommandSpec spec = CommandSpec.create();

  /**
   * What came of a model; each is {@code same}, {@code differs}, or why it could not be done.
   *
   * @param inspected {@code same} if {@code inspect} tells its shapes and costs
   * @param raised outputs at the current operator set, in ONNX Runtime
   * @param interpreted outputs of the interpreter
   */
  record Outcome(
      String model, String inspected, Optional<String> raised, Optional<String> interpreted) {}

  /** Recorded values by name. */
  private record Recorded(Map<String, TensorValue> inputs, Map<String, TensorValue> outputs) {}

  @Override
  public Integer call() throws IOException {
    List<Path> models;
    try (Stream<Path> files = Files.walk(folder)) {
      models = files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (Path model : models) {
      outcomes.add(outcome(model));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%d models%n", outcomes.size());
    print(out, "inspected", outcomes, one -> Optional.of(one.inspected()));
    print(out, "raised and run", outcomes, Outcome::raised);
    print(out, "interpreted", outcomes, Outcome::interpreted);
    out.flush();
    if (json.isPresent()) {
      List<Map<String, String>> rows = new ArrayList<>();
      for (Outcome one : outcomes) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("model", one.model());
        row.put("inspected", one.inspected());
        one.raised().ifPresent(text -> row.put("raised", text));
        one.interpreted().ifPresent(text -> row.put("interpreted", text));
        rows.add(row);
      }
      new ObjectMapper()
          .writerWithDefaultPrettyPrinter()
          .writeValue(json.get().toFile(), Map.of("models", rows));
    }
    return 0;
  }

  private interface Part {
    Optional<String> of(Outcome outcome);
  }

  private static void print(PrintWriter out, String what, List<Outcome> outcomes, Part part) {
    Map<String, List<String>> reasons = new TreeMap<>();
    int all = 0;
    int same = 0;
    for (Outcome one : outcomes) {
      String text = part.of(one).orElse("");
      all += text.isEmpty() ? 0 : 1;
      same += text.equals(SAME) ? 1 : 0;
      if (!text.isEmpty() && !text.equals(SAME)) {
        reasons.computeIfAbsent(text, unused -> new ArrayList<>()).add(one.model());
      }
    }
    out.printf("%s: %d of %d%n", what, same, all);
    reasons.forEach(
        (reason, names) ->
            out.printf(
                "  %s: %d, as %s%n",
                reason, names.size(), names.subList(0, Math.min(3, names.size()))));
  }

  private Outcome outcome(Path model) {
    String name = folder.relativize(model).toString();
    String inspected = inspected(model);
    Path data = model.resolveSibling("test_data_set_0");
    if (!Files.isDirectory(data)) {
      return new Outcome(name, inspected, Optional.empty(), Optional.empty());
    }
    OnnxGraph graph;
    Recorded recorded;
    try {
      graph = OnnxGraph.read(model);
      recorded = recorded(graph, data);
    } catch (OnnxException | IOException e) {
      String why = reason(e);
      return new Outcome(name, inspected, Optional.of(why), Optional.of(why));
    }
    String raised;
    try {
      OpsetConversion.raise(graph, OpsetConversion.CURRENT);
      try (OrtModel session = OrtModel.open(graph, OrtModel.Options.LITERAL)) {
        raised = compared(session.run(recorded.inputs()), recorded.outputs());
      }
    } catch (OnnxException | IllegalArgumentException e) {
      raised = reason(e);
    }
    return new Outcome(
        name, inspected, Optional.of(raised), Optional.of(interpreted(graph, recorded)));
  }

  private static String inspected(Path model) {
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new InspectCommand())
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err))
            .setExecutionExceptionHandler(
                (problem, line, parsed) -> {
                  line.getErr().println(reason(problem));
                  return 1;
                })
            .execute(model.toString());
    return code == 0 ? SAME : err.toString().strip();
  }

  private static Recorded recorded(OnnxGraph graph, Path data) throws IOException {
    return new Recorded(
        values(graph.inputs(), data, "input"), values(graph.outputs(), data, "output"));
  }

  private static Map<String, TensorValue> values(List<ValueInfo> infos, Path data, String kind)
      throws IOException {
    Map<String, TensorValue> values = new LinkedHashMap<>();
    for (int i = 0; i < infos.size(); i++) {
      Path file = data.resolve("%s_%d.pb".formatted(kind, i));
      if (Files.exists(file)) {
        String name = infos.get(i).name();
        values.put(name, TensorValue.parse(Files.readAllBytes(file)).named(name));
      }
    }
    return values;
  }

  private static String interpreted(OnnxGraph graph, Recorded recorded) {
    try (Program program = Program.of(graph, Set.of());
        PointerScope _ = new PointerScope()) {
      List<Tensor> given = new ArrayList<>();
      for (ValueInfo input : program.inputs()) {
        TensorValue value = recorded.inputs().get(input.name());
        if (value == null) {
          return "no recorded value of an input";
        }
        given.add(
            value.type().isFloating()
                ? Torch.scopedFloats(value.floats(), value.dims())
                : Torch.scopedLongs(value.longs()).reshape(value.dims()));
      }
      List<Tensor> results =
          program.run(
              given,
              name -> {
                throw new IllegalStateException(name);
              },
              new Norms.Stored());
      for (int i = 0; i < results.size(); i++) {
        TensorValue wanted = recorded.outputs().get(program.outputs().get(i));
        if (wanted == null) {
          continue;
        }
        float[] found = Torch.toFloats(results.get(i).to(torch.ScalarType.Float));
        if (!close(numbers(wanted), found)) {
          return DIFFERS;
        }
      }
      return SAME;
    } catch (OnnxException | IllegalStateException | IllegalArgumentException e) {
      return reason(e);
    } catch (RuntimeException e) {
      return "fault: " + e;
    }
  }

  private static String compared(Map<String, TensorValue> found, Map<String, TensorValue> wanted) {
    for (Map.Entry<String, TensorValue> entry : wanted.entrySet()) {
      TensorValue value = found.get(entry.getKey());
      if (value == null || !close(numbers(entry.getValue()), numbers(value))) {
        return DIFFERS;
      }
    }
    return SAME;
  }

  private static float[] numbers(TensorValue value) {
    if (value.type().isFloating()) {
      return value.floats();
    }
    long[] whole = value.longs();
    float[] numbers = new float[whole.length];
    for (int i = 0; i < whole.length; i++) {
      numbers[i] = whole[i];
    }
    return numbers;
  }

  private static boolean close(float[] wanted, float[] found) {
    boolean close = wanted.length == found.length;
    for (int i = 0; close && i < wanted.length; i++) {
      close =
          Float.compare(wanted[i], found[i]) == 0
              || Math.abs(wanted[i] - found[i]) <= ABSOLUTE + RELATIVE * Math.abs(wanted[i]);
    }
    return close;
  }

  /** Without the names of nodes and values, so that reasons can be counted. */
  private static String reason(Exception e) {
    String text = e.getMessage() == null ? e.toString() : e.getMessage();
    return text.lines()
        .findFirst()
        .orElse("")
        .replaceAll("'[^']*'", "…")
        .replaceAll("^node \\S+", "node …");
  }
}
