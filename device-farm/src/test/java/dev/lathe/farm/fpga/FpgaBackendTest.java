package dev.lathe.farm.fpga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.farm.Backends;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Reality;
import dev.lathe.farm.RunningBackendContract;
import dev.lathe.farm.TestModels;
import dev.lathe.onnx.OnnxGraph;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FpgaBackendTest extends RunningBackendContract {
  private MeasurementBackend backend;

  @BeforeEach
  void open() throws Exception {
    backend = Backends.open("fpga", Map.of("rows", "8", "columns", "8", "clock", "100"));
  }

  @Override
  protected MeasurementBackend backend() {
    return backend;
  }

  @Override
  protected List<Path> fiveModels() {
    List<Path> models = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      models.add(
          TestModels.file(
              folder, "fixed" + i + ".onnx", RandomNetworks.fixed(i, 0).model().toBytes()));
    }
    return models;
  }

  @Test
  void figures_areCyclesAndWhatTheDesignTakes() throws Exception {
    Measurement found = backend.measure(models().getFirst(), MeasurementProtocol.quick(1));
    assertThat(found.figures()).containsKeys("cycles", "dsp", "bram", "traffic", "utilization");
    assertThat(found.p50()).as("100 MHz").isEqualTo(found.figure("cycles").orElseThrow() / 100_000);
    assertThat(found.figure("dsp")).hasValue(32);
    assertThat(found.verdict().isStable()).isTrue();
    assertThat(backend.measure(models().getFirst(), MeasurementProtocol.quick(1)).p50())
        .isEqualTo(found.p50());
  }

  @Test
  void exactFigures_areWhatIsMeasured_withoutTheDevice() throws Exception {
    Path model = models().getFirst();
    Measurement found = backend.measure(model, MeasurementProtocol.quick(1));
    Map<String, Double> told =
        Backends.named("fpga")
            .exactFigures(backend.facts().more())
            .orElseThrow()
            .apply(OnnxGraph.read(model));
    assertThat(told).containsAllEntriesOf(found.figures()).containsEntry("latency", found.p50());
  }

  @Test
  void facts_sayThatItIsASimulation() {
    assertThat(backend.facts().reality()).isEqualTo(Reality.SIMULATED);
    assertThat(backend.facts().processor()).contains("simulated 8 x 8");
    assertThat(backend.facts().quietHost()).isFalse();
  }

  @Test
  void fixedFile_isExecutedItself_floatOnlyForItsCycles() throws Exception {
    Path fixed =
        TestModels.file(folder, "fixed.onnx", RandomNetworks.fixed(5, 0).model().toBytes());
    Path real = TestModels.file(folder, "float.onnx", RandomNetworks.graph(5).toBytes());
    Measurement exact = backend.measure(fixed, MeasurementProtocol.quick(1));
    Measurement shape = backend.measure(real, MeasurementProtocol.quick(1));
    assertThat(exact.environment()).containsEntry("executed", "the file's integers");
    assertThat(shape.environment().get("executed")).contains("counted");
    assertThat(exact.figure("cycles")).isEqualTo(shape.figure("cycles"));
  }

  @Test
  void operatorThatAnArrayDoesNotHave_isNamed() {
    Path endless = TestModels.file(folder, "textual.onnx", TestModels.textual());
    assertThatThrownBy(() -> backend.measure(endless, MeasurementProtocol.quick(1)))
        .isInstanceOf(MeasurementFailed.class)
        .hasMessageContaining("textual.onnx")
        .hasMessageContaining("Identity");
  }
}
