package dev.lathe.farm.fpga;

import dev.lathe.farm.BackendFactory;
import dev.lathe.farm.BackendOption;
import dev.lathe.farm.BackendSettings;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.onnx.OnnxGraph;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** {@code fpga}: a systolic array on paper. */
public final class FpgaFactory implements BackendFactory {
  static final String NAME = "fpga";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "simulated: an int8 systolic array that executes networks in fixed point and counts";
  }

  @Override
  public List<BackendOption> options() {
    return List.of(
        new BackendOption("rows", "16", "pixels at once, 1 to 256"),
        new BackendOption("columns", "16", "output channels at once, 1 to 256"),
        new BackendOption("clock", "200", "MHz"),
        new BackendOption("bandwidth", "16", "bytes a cycle between buffers and memory"),
        new BackendOption("activations", "256", "KiB of the buffer for activations"),
        new BackendOption("weights", "128", "KiB of the buffer for weights"),
        new BackendOption(
            "hot",
            "0",
            "powers of two that an element adds instead of multiplying; 0: multiplies"));
  }

  @Override
  public Optional<Function<OnnxGraph, Map<String, Double>>> exactFigures(
      Map<String, String> facts) {
    ArrayDesign design = ArrayDesign.of(facts);
    return Optional.of(graph -> FpgaBackend.exactFigures(design, graph));
  }

  @Override
  public MeasurementBackend open(BackendSettings settings) {
    return new FpgaBackend(
        new ArrayDesign(
            settings.integer("rows", 1, 256),
            settings.integer("columns", 1, 256),
            settings.number("clock", 1, 2000),
            settings.integer("bandwidth", 1, 4096),
            settings.integer("activations", 1, 1 << 20) * 1024,
            settings.integer("weights", 1, 1 << 20) * 1024,
            settings.integer("hot", 0, 4)));
  }
}
