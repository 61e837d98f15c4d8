package dev.lathe.latency.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.latency.FusedKernels;
import dev.lathe.latency.Kernel;
import dev.lathe.latency.RooflineProbes;
import dev.lathe.latency.cost.CalibratedCost.Measured;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class CostPredictorTest {
  private static final List<OnnxGraph> GRAPHS = RooflineProbes.graphs();

  private static List<Measured> measured(ToDoubleFunction<OnnxGraph> cost) {
    return GRAPHS.stream().map(graph -> new Measured(graph, cost.applyAsDouble(graph))).toList();
  }

  @Test
  void peakMemory_isLearnedAsConstantParametersAndActivations() {
    CalibratedCost cost =
        CalibratedCost.calibrate(
            Cost.PEAK_MEMORY_BYTES,
            measured(
                graph -> {
                  CostReport report = CostReport.of(graph, 1);
                  return 200_000
                      + 2.0 * report.parameterBytes()
                      + 1.5 * report.peakActivationBytes();
                }));
    assertThat(cost.shares()[1]).isCloseTo(2, within(1e-2));
    assertThat(cost.shares()[2]).isCloseTo(1.5, within(1e-2));
    assertThat(cost.heldOut().mape()).isLessThan(0.01);
    CostEstimate estimate = cost.predict(GRAPHS.getFirst(), 1);
    assertThat(estimate.cost()).isEqualTo(Cost.PEAK_MEMORY_BYTES);
    assertThat(estimate.upper()).isGreaterThanOrEqualTo(estimate.value());
  }

  @Test
  void energy_isLearnedFromWorkAndTraffic() {
    CalibratedCost cost =
        CalibratedCost.calibrate(
            Cost.ENERGY_MILLIJOULES,
            measured(
                graph -> {
                  List<Kernel> kernels = FusedKernels.of(graph, 1);
                  return kernels.stream().mapToDouble(k -> 1e-7 * k.macs() + 1e-6 * k.bytes()).sum()
                      + 0.01 * kernels.size();
                }));
    assertThat(cost.heldOut().mape()).isLessThan(0.02);
  }

  @Test
  void fileSize_isExact() {
    OnnxGraph graph = GRAPHS.getFirst();
    CostEstimate estimate = CostPredictor.fileSize().predict(graph, 1);
    assertThat(estimate.value()).isEqualTo(graph.toBytes().length);
    assertThat(estimate.lower()).isEqualTo(estimate.upper());
  }

  @Test
  void tooFewOrImpossibleMeasurements_areRefused() {
    List<Measured> few = measured(graph -> 1.0).subList(0, 9);
    assertThatThrownBy(() -> CalibratedCost.calibrate(Cost.PEAK_MEMORY_BYTES, few))
        .hasMessageContaining("9 measured networks");
    assertThatThrownBy(() -> new Measured(GRAPHS.getFirst(), 0)).hasMessageContaining("above 0");
  }
}
