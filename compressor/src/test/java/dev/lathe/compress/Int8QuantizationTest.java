package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.compress.NodeOutcome.Form;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Int8QuantizationTest {
  private static final Int8Options FAST = Int8Options.DEFAULT.withImages(32);

  @Test
  void mobileNetV2_becomesIntegerThroughout() {
    OnnxGraph model = MobileNetV2.random(0.25, 32, 10, 1);

    QuantizationReport report =
        Int8Quantization.quantize(model, MobileNetV2.noise(32, 32, 2), FAST).report();

    assertThat(report.floatNodes()).isZero();
    assertThat(report.nodes()).filteredOn(n -> n.becomes().equals("QLinearConv")).hasSize(52);
    assertThat(report.nodes()).filteredOn(n -> n.becomes().equals("QLinearAdd")).hasSize(11);
    assertThat(report.outputDecibels()).isGreaterThan(18);
    assertThat(report.fusionDecibels()).isGreaterThan(30);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void networkOfFiftyThousandParameters_hasLessThanHalfOfTheBytes(long seed) {
    OnnxGraph model = Networks.mobile(seed);
    assertThat(CostReport.of(model, 1).parameters()).isBetween(35_000L, 60_000L);

    QuantizationReport report =
        Int8Quantization.quantize(model, MobileNetV2.noise(28, 32, 2), FAST).report();

    assertThat(report.bytes()).isLessThan((long) (0.45 * report.floatBytes()));
    assertThat(report.floatNodes()).isZero();
    assertThat(report.outputDecibels()).isGreaterThan(22);
  }

  @Test
  void hardSwish_staysFloatBetweenIntegerConvolutions() {
    OnnxGraph model = Networks.gated(4);

    QuantizationReport report =
        Int8Quantization.quantize(model, MobileNetV2.noise(16, 32, 5), FAST).report();

    assertThat(report.nodes())
        .filteredOn(node -> node.opType().equals("HardSwish"))
        .allMatch(node -> node.form() == Form.FLOAT && !node.reason().isEmpty());
    assertThat(report.nodes())
        .filteredOn(node -> Set.of("Conv", "Mul", "Relu", "Gemm").contains(node.opType()))
        .hasSize(7)
        .allMatch(node -> node.form() != Form.FLOAT);
    assertThat(report.nodes())
        .filteredOn(node -> node.opType().equals("HardSigmoid"))
        .allMatch(node -> node.form() == Form.ABSORBED)
        .hasSize(1);
    assertThat(report.outputDecibels()).isGreaterThan(25);
  }

  @Test
  void nodesKeptFloat_areLeftAloneAndSaidSo() {
    OnnxGraph model = Networks.mobile(1);
    Set<String> depthwise = new java.util.HashSet<>();
    for (OnnxNode node : model.nodes()) {
      if (node.is("Conv") && node.integer("group", 1) > 1) {
        depthwise.add(node.name());
      }
    }

    Quantized quantized =
        Int8Quantization.quantize(
            model, MobileNetV2.noise(28, 32, 2), FAST.withFloatNodes(depthwise));

    assertThat(quantized.report().nodes())
        .filteredOn(node -> depthwise.contains(node.name()))
        .hasSize(6)
        .allMatch(node -> node.form() == Form.FLOAT && node.reason().contains("by choice"));
    assertThat(quantized.report().nodes())
        .filteredOn(node -> node.opType().equals("Conv") && !depthwise.contains(node.name()))
        .allMatch(node -> node.form() == Form.INTEGER);
    for (OnnxNode node : quantized.model().nodes()) {
      if (depthwise.contains(node.name())) {
        TensorValue weight = quantized.model().initializer(node.inputs().get(1)).orElseThrow();
        assertThat(weight.type()).isEqualTo(ElementType.FLOAT);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void sixteenBitActivations_loseLessAndAreSaidToBeFloat(long seed) {
    OnnxGraph model = Networks.mobile(seed);
    CalibrationData data = MobileNetV2.noise(28, 32, 2);
    QuantizationReport eight = Int8Quantization.quantize(model, data, FAST).report();
    QuantizationReport sixteen =
        Int8Quantization.quantize(model, data, FAST.withActivationBits(16)).report();
    assertThat(sixteen.outputDecibels()).isGreaterThan(eight.outputDecibels() + 3);
    assertThat(sixteen.bytes()).isLessThan((long) (1.1 * eight.bytes()));
    assertThat(sixteen.nodes())
        .filteredOn(node -> node.opType().equals("Conv"))
        .allMatch(node -> node.reason().contains("16-bit"));
  }

  @Test
  void originalModel_isNotChanged() {
    OnnxGraph model = Networks.gated(1);
    byte[] before = model.toBytes();
    Int8Quantization.quantize(model, MobileNetV2.noise(16, 8, 5), FAST);
    assertThat(model.toBytes()).isEqualTo(before);
  }

  @Test
  void metadata_isKept() {
    OnnxGraph model = Networks.gated(1);
    model.metadata().put("classes", "cat,dog");
    Quantized quantized = Int8Quantization.quantize(model, MobileNetV2.noise(16, 8, 5), FAST);
    assertThat(OnnxGraph.parse(quantized.model().toBytes()).metadata())
        .containsEntry("classes", "cat,dog");
  }

  @Test
  void oldOperatorSet_isRefusedWithAdvice() {
    OnnxGraph model = Networks.gated(1);
    model.opset("", 12);
    assertThatThrownBy(() -> Int8Quantization.quantize(model, MobileNetV2.noise(16, 8, 5), FAST))
        .isInstanceOf(CompressionException.class)
        .hasMessageContaining("12")
        .hasMessageContaining("Maybe");
  }

  @Test
  void notFiniteActivations_areRefused() {
    OnnxGraph model = Networks.gated(1);
    CalibrationData broken =
        new SingleInput() {
          @Override
          public int images() {
            return 1;
          }

          @Override
          public float[] batch(int from, int to) {
            float[] values = new float[3 * 16 * 16];
            values[7] = Float.NaN;
            return values;
          }

          @Override
          public long[] shape(int n) {
            return new long[] {n, 3, 16, 16};
          }
        };
    assertThatThrownBy(() -> Int8Quantization.quantize(model, broken, FAST))
        .isInstanceOf(CompressionException.class)
        .hasMessageContaining("finite");
  }
}
