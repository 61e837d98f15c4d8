package dev.lathe.latency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our kernels against the graph that ONNX Runtime itself makes of the same model. */
class FusedKernelsTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void floatGraph_hasTheKernelsOfOnnxRuntime(long seed) {
    OnnxGraph graph = TestNetworks.random(new SplittableRandom(seed), false, 28, seed % 2 == 0);
    List<OnnxNode> optimized = optimized(graph);
    List<Kernel> kernels = FusedKernels.of(graph, 1);

    assertThat(count(kernels, k -> k.kind().multiplies() && k.kind() != KernelKind.MATMUL))
        .isEqualTo(count(optimized, n -> n.opType().contains("Conv")));
    for (KernelKind kind : List.of(KernelKind.ELEMENTWISE, KernelKind.ACTIVATION)) {
      assertThat(count(kernels, k -> k.kind() == kind))
          .as(kind.name())
          .isEqualTo(
              count(
                  optimized,
                  n ->
                      (kind == KernelKind.ELEMENTWISE
                              ? List.of("Add", "Mul", "QuickGelu")
                              : List.of("Relu", "Sigmoid", "HardSigmoid"))
                          .contains(n.opType())));
    }
    assertThat(count(kernels, k -> k.kind() == KernelKind.REORDER))
        .isEqualTo(count(optimized, n -> n.opType().startsWith("Reorder")));
    assertThat(count(kernels, k -> k.kind() == KernelKind.MATMUL)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void quantizedGraph_hasTheKernelsOfOnnxRuntime(long seed) {
    OnnxGraph graph = TestNetworks.random(new SplittableRandom(seed), true, 28, seed % 2 == 0);
    List<OnnxNode> optimized = optimized(graph);
    List<Kernel> kernels = FusedKernels.of(graph, 1);

    assertThat(count(kernels, k -> k.integer() && k.pixels() > 0))
        .isEqualTo(count(optimized, n -> n.opType().equals("QLinearConv")));
    assertThat(count(kernels, k -> k.integer() && k.kind() == KernelKind.ELEMENTWISE))
        .isEqualTo(count(optimized, n -> n.opType().matches("QLinear(Add|Mul)")));
    assertThat(count(kernels, k -> k.integer() && k.kind() == KernelKind.ACTIVATION))
        .isEqualTo(count(optimized, n -> n.opType().equals("QLinearSigmoid")));
    assertThat(count(kernels, k -> k.integer() && k.kind() == KernelKind.REDUCTION))
        .isEqualTo(count(optimized, n -> n.opType().equals("QLinearGlobalAveragePool")));
    assertThat(count(kernels, k -> k.integer() && k.kind() == KernelKind.MATMUL))
        .isEqualTo(count(optimized, n -> n.opType().equals("QGemm")));
    assertThat(count(kernels, k -> k.kind() == KernelKind.QUANTIZE))
        .isEqualTo(count(optimized, n -> n.opType().matches("(Quantize|Dequantize)Linear")));
    assertThat(kernels)
        .filteredOn(k -> !k.integer())
        .allMatch(k -> k.kind() == KernelKind.QUANTIZE);
  }

  private static List<OnnxNode> optimized(OnnxGraph graph) {
    return OrtModel.optimizedGraph(graph.toBytes()).nodes();
  }

  private static <T> long count(List<T> all, Predicate<T> wanted) {
    return all.stream().filter(wanted).count();
  }
}
