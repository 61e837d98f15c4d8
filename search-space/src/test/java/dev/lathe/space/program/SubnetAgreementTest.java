package dev.lathe.space.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.NetworkGraph;
import dev.lathe.graph.Node;
import dev.lathe.graph.NormStatistics;
import dev.lathe.graph.OnnxExporter;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Subnet;
import dev.lathe.graph.WeightRef;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.family.SpaceFiles;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.space.mobile.MobileSpec;
import dev.lathe.space.mobile.MobileSpecReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubnetAgreementTest {
  private static final String EVERYTHING =
      """
      name: everything
      input: {channels: 1, resolution: [8, 12]}
      stem: {width: 8, stride: 1, activation: relu6}
      stages:
        - {width: [8, 16], depth: [1, 2], stride: 2, kernel: [3, 5], expansion: [1, 2], squeezeExcite: [false, true], activation: [relu, hard-swish]}
      head: {width: 16}
      """;

  @ParameterizedTest
  @ValueSource(strings = {EVERYTHING, "mobile-28", "mobile-32"})
  void export_hasTheNodesAndNumbersOfTheExporter(String text) {
    MobileSpace space =
        new MobileSpace(
            text.startsWith("name")
                ? MobileSpecReader.read(text)
                : (MobileSpec) SpaceFiles.builtin(text),
            10);
    assertThat(space.specs().keySet()).containsExactlyElementsOf(space.tensors().keySet());
    space
        .specs()
        .forEach((name, spec) -> assertThat(spec.shape()).isEqualTo(space.tensors().get(name)));
    RandomGenerator random = new RandomStreams(3).at("agreement", 0);
    for (int i = 0; i < 34; i++) {
      Architecture architecture = space.sample(random);
      NetworkGraph old = space.network(architecture);
      Subnet subnet = space.subnet(architecture);
      NormStatistics statistics = statistics(old);
      OnnxGraph expected =
          OnnxExporter.export(
              old,
              "x",
              new OnnxExporter.Source() {
                @Override
                public float[] values(WeightRef reference) {
                  return SubnetAgreementTest.values(reference);
                }

                @Override
                public NormStatistics statistics() {
                  return statistics;
                }
              });
      OnnxGraph found = subnet.export(SubnetAgreementTest::values, statistics);
      compare(expected, found);
      assertThat(CostReport.of(subnet.outline(), 1)).isEqualTo(CostReport.of(found, 1));
      assertThat(CostReport.of(subnet.outline(), 1))
          .isEqualTo(CostReport.of(OnnxExporter.outline(old, "x"), 1));
    }
  }

  private static void compare(OnnxGraph expected, OnnxGraph found) {
    assertThat(found.outputs()).isEqualTo(expected.outputs());
    assertThat(found.inputs()).isEqualTo(expected.inputs());
    assertThat(found.nodes()).hasSameSizeAs(expected.nodes());
    for (int i = 0; i < found.nodes().size(); i++) {
      OnnxNode a = expected.nodes().get(i);
      OnnxNode b = found.nodes().get(i);
      assertThat(b.name()).isEqualTo(a.name());
      assertThat(b.opType()).isEqualTo(a.opType());
      assertThat(b.attributes()).isEqualTo(a.attributes());
      for (int k = 0; k < a.inputs().size(); k++) {
        if (expected.initializer(a.inputs().get(k)).isPresent()) {
          TensorValue x = expected.initializer(a.inputs().get(k)).get();
          TensorValue y = found.initializer(b.inputs().get(k)).orElseThrow();
          assertThat(y.name()).isEqualTo(x.name());
          assertThat(y.dims()).isEqualTo(x.dims());
          assertThat(largestDifference(x.floats(), y.floats())).isLessThan(1e-5);
        }
      }
    }
  }

  private static double largestDifference(float[] a, float[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  /** Numbers that tell one place of one tensor from all others. */
  private static float[] values(WeightRef reference) {
    int hash = reference.toString().hashCode();
    SplittableRandom random = new SplittableRandom(hash);
    float[] values = new float[(int) reference.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static NormStatistics statistics(NetworkGraph network) {
    Map<String, NormStatistics.Moments> moments = new LinkedHashMap<>();
    RandomGenerator random = new SplittableRandom(7);
    for (Node node : network.batchNorms()) {
      int channels = ((Operator.BatchNorm) node.operator()).scale().shape().getFirst();
      float[] mean = new float[channels];
      float[] variance = new float[channels];
      for (int c = 0; c < channels; c++) {
        mean[c] = (float) random.nextDouble(-1, 1);
        variance[c] = (float) random.nextDouble(0.1, 2);
      }
      moments.put(node.name(), new NormStatistics.Moments(mean, variance));
    }
    return new NormStatistics(moments);
  }
}
