package dev.lathe.cli.compress;

import dev.lathe.cli.remote.Connection;
import dev.lathe.compress.RunShapes;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.command.BackendChoice;
import dev.lathe.latency.FusedKernels;
import dev.lathe.latency.Kernel;
import dev.lathe.latency.RooflineReport;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.InputShapes;
import dev.lathe.onnx.NodeCost;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.onnx.trial.ModelTrial;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** Shows what is in an ONNX file. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what is in an ONNX file: nodes, parameters, MACs, memory, precision per node.",
      "With --device also where the time goes: each kernel's time, share and bound, and the"
          + " efficiency gap, by a roofline fitted to measurements of that device.",
      "Example: lathe inspect model.onnx --device local --json model.json"
    })
public final class InspectCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "MODEL", description = "ONNX file")
  private Path model = Path.of("");

  @Option(names = "--batch", defaultValue = "1", description = "items at once (default: 1)")
  private long batch;

  @Mixin private SizeOption size = new SizeOption();

  @Option(names = "--json", description = "file for the report")
  private Optional<Path> json = Optional.empty();

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description =
          "a device of a running service, or local: measures a dozen small networks on this"
              + " machine's device first (--backend)")
  private Optional<String> device = Optional.empty();

  @Mixin private BackendChoice choice = new BackendChoice();

  @Mixin private Connection connection = new Connection();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** One node, for machines. */
  record NodeEntry(
      String name,
      String opType,
      String precision,
      long macs,
      long parameters,
      long outputBytes,
      long liveBytes) {}

  /** The report for machines; {@code deviceTime} is null unless a device was named. */
  record Report(
      String name,
      long bytes,
      int opset,
      Map<String, long[]> shapes,
      List<String> inputs,
      List<String> outputs,
      long macs,
      long parameters,
      long parameterBytes,
      long activationBytes,
      long peakActivationBytes,
      Map<String, String> metadata,
      List<NodeEntry> nodes,
      @Nullable DeviceTime deviceTime) {}

  /**
   * Where the time goes on a device.
   *
   * @param measurements to which the roofline was fitted
   * @param measuredMillis of this model, null where it was not measured
   */
  record DeviceTime(
      String device, int measurements, @Nullable Double measuredMillis, RooflineReport roofline) {}

  @Override
  public Integer call() throws IOException, MeasurementFailed, InterruptedException {
    OnnxGraph graph = OnnxGraph.read(model);
    InputShapes shapes = shapes(graph);
    Map<String, TensorType> types = types(graph);
    CostReport cost = CostReport.cost(graph, types);
    List<NodeEntry> entries = new ArrayList<>();
    for (int i = 0; i < cost.nodes().size(); i++) {
      NodeCost node = cost.nodes().get(i);
      entries.add(
          new NodeEntry(
              node.name(),
              node.opType(),
              precision(graph, graph.nodes().get(i), types),
              node.macs(),
              node.parameters(),
              node.outputBytes(),
              node.liveBytes()));
    }
    Report report =
        new Report(
            graph.name(),
            Math.max(Files.size(model), graph.bytes()), // the latter with weights beside it
            graph.opset(),
            Shapes.of(graph, shapes, batch),
            graph.inputs().stream().map(InspectCommand::describe).toList(),
            graph.outputs().stream().map(InspectCommand::describe).toList(),
            cost.macs(),
            cost.parameters(),
            cost.parameterBytes(),
            cost.activationBytes(),
            cost.peakActivationBytes(),
            graph.metadata(),
            entries,
            device.isPresent() ? time(device.get(), graph) : null);
    print(spec.commandLine().getOut(), report, shapes.described(graph, batch));
    if (report.deviceTime() != null) {
      RooflineTable.print(spec.commandLine().getOut(), report.deviceTime());
    }
    if (json.isPresent()) {
      JsonFile.write(json.get(), report);
    }
    return 0;
  }

  /** Shapes by rules; if these leave something open, by a run, once a child has tried the model. */
  private Map<String, TensorType> types(OnnxGraph graph) {
    try {
      Map<String, TensorType> types = ShapeInference.infer(graph, graph.symbols(batch, Map.of()));
      boolean all =
          graph.nodes().stream()
              .flatMap(node -> node.outputs().stream())
              .allMatch(value -> value.isEmpty() || types.containsKey(value));
      if (all) {
        return types;
      }
    } catch (OnnxException unknown) {
      // The run says it better, or what is wrong.
    }
    try (ModelTrial trial = ModelTrial.within(ModelTrial.Limits.DEFAULT)) {
      trial.run(graph);
    }
    return RunShapes.of(graph, batch);
  }

  /** The sizes said, else the largest defaults for which the shapes fit together. */
  private InputShapes shapes(OnnxGraph graph) {
    List<InputShapes> candidates = InputShapes.candidates(graph, size.sizes());
    for (int i = 0; ; i++) {
      graph.assume(candidates.get(i).sizes());
      try {
        ShapeInference.infer(graph, graph.symbols(batch, Map.of()));
        return candidates.get(i);
      } catch (OnnxException e) {
        if (i == candidates.size() - 1) {
          graph.assume(candidates.getFirst().sizes());
          return candidates.getFirst();
        }
      }
    }
  }

  private DeviceTime time(String name, OnnxGraph graph)
      throws IOException, MeasurementFailed, InterruptedException {
    List<Kernel> kernels = FusedKernels.of(graph, batch);
    boolean integer = kernels.stream().anyMatch(Kernel::integer);
    DeviceRoofline known =
        name.equals("local")
            ? DeviceRoofline.local(model, integer, choice)
            : DeviceRoofline.of(connection.client(), name, integer);
    return new DeviceTime(
        name,
        known.measurements(),
        batch == 1 && known.measuredMillis().isPresent()
            ? known.measuredMillis().getAsDouble()
            : null,
        RooflineReport.of(known.roofline(), kernels));
  }

  private static String describe(ValueInfo value) {
    List<String> dims = new ArrayList<>();
    for (Dimension dimension : value.shape()) {
      dims.add(
          switch (dimension) {
            case Dimension.Fixed(long size) -> Long.toString(size);
            case Dimension.Symbolic(String symbol) -> symbol;
          });
    }
    return value.name() + " " + value.type() + dims;
  }

  /** int8 where all of a node's activations come dequantized, else the type of its result. */
  private static String precision(OnnxGraph graph, OnnxNode node, Map<String, TensorType> types) {
    boolean quantized =
        !node.inputs().isEmpty()
            && !node.isOneOf("QuantizeLinear", "DequantizeLinear")
            && node.inputs().stream()
                .filter(value -> !value.isEmpty())
                .allMatch(
                    value ->
                        graph.producer(value).filter(p -> p.is("DequantizeLinear")).isPresent());
    TensorType type = node.outputs().isEmpty() ? null : types.get(node.output());
    return quantized ? "int8" : type == null ? "" : type.type().toString();
  }

  private static void print(PrintWriter out, Report report, List<String> shapes) {
    out.printf(
        "%s: %,d bytes, opset %d, %d nodes%n",
        report.name(), report.bytes(), report.opset(), report.nodes().size());
    shapes.forEach(input -> out.printf("  input  %s%n", input));
    report.outputs().forEach(output -> out.printf("  output %s%n", output));
    out.printf(
        "  %,d MACs, %,d parameters in %,d bytes, activations %,d bytes, %,d at most at one time%n",
        report.macs(),
        report.parameters(),
        report.parameterBytes(),
        report.activationBytes(),
        report.peakActivationBytes());
    out.printf(
        "  %-28s %-22s %-9s %14s %12s %12s%n",
        "node", "operator", "precision", "MACs", "parameters", "output bytes");
    for (NodeEntry node : report.nodes()) {
      out.printf(
          "  %-28s %-22s %-9s %,14d %,12d %,12d%n",
          node.name(),
          node.opType(),
          node.precision(),
          node.macs(),
          node.parameters(),
          node.outputBytes());
    }
    out.flush();
  }
}
