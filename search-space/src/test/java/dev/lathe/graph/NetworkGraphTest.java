package dev.lathe.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.graph.WeightRef.Slice;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NetworkGraphTest {
  private static Operator convolution(int out, int in, int kernel, int stride) {
    return new Operator.Conv2d(
        Slice.leading("w", out, in, kernel, kernel), Optional.empty(), stride, kernel / 2, 1);
  }

  @Test
  void builder_infersShapes() {
    NetworkGraph.Builder graph = NetworkGraph.builder();
    String x = graph.input("input", TensorShape.of(3, 28, 28));
    x = graph.add("conv", convolution(8, 3, 3, 2), x);
    assertThat(graph.shape(x)).isEqualTo(TensorShape.of(8, 14, 14));
    x = graph.add("pool", new Operator.Pool2d(Operator.Pool2d.Kind.MAXIMUM, 3, 2, 1), x);
    assertThat(graph.shape(x)).isEqualTo(TensorShape.of(8, 7, 7));
    String both = graph.add("both", new Operator.Concat(), x, x);
    assertThat(graph.shape(both)).isEqualTo(TensorShape.of(16, 7, 7));
  }

  @Test
  void builder_namesTheNodeWhoseInputDoesNotFit() {
    NetworkGraph.Builder graph = NetworkGraph.builder();
    String x = graph.input("input", TensorShape.of(3, 28, 28));
    assertThatThrownBy(() -> graph.add("bad", convolution(8, 4, 3, 1), x))
        .hasMessageContaining("'bad'")
        .hasMessageContaining("N×3×28×28");
    assertThatThrownBy(() -> graph.add("sum", new Operator.Add(), x, "nowhere"))
        .hasMessageContaining("nowhere");
    assertThatThrownBy(() -> graph.add("input", new Operator.Flatten(), x))
        .hasMessageContaining("already");
  }
}
