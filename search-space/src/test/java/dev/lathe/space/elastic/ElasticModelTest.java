package dev.lathe.space.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.graph.Subnet;
import dev.lathe.graph.WeightRef;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import dev.lathe.space.Architecture;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ElasticModelTest {
  static List<String> kinds() {
    return ElasticStructureTest.kinds();
  }

  private static ElasticModel space(String kind) {
    ElasticStructure structure = ElasticStructure.of(Specimens.ALL.get(kind).apply(9));
    return new ElasticModel(kind, structure, new ElasticModel.Freedom(true, true));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void subnets_areTheCutModel_inReferencesToItsWeights(String kind) {
    ElasticModel space = space(kind);
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 6; i++) {
      Architecture architecture = i == 0 ? space.largest() : space.sample(random);
      Subnet subnet = space.subnet(architecture);
      OnnxGraph full =
          subnet.materialize(reference -> values(space, reference), space.statistics(architecture));
      OnnxGraph cut = space.sized(space.cut(architecture).graph(), architecture);
      assertThat(full.nodes()).isEqualTo(cut.nodes());
      for (TensorValue tensor : cut.initializers()) {
        TensorValue found = full.initializer(tensor.name()).orElseThrow();
        assertThat(found.dims()).isEqualTo(tensor.dims());
        assertThat(found.toByteArray()).isEqualTo(tensor.toByteArray());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void activeGenesChangeTheNetwork_inactiveOnesDoNot(String kind) {
    ElasticModel space = space(kind);
    SplittableRandom random = new SplittableRandom(6);
    for (int trial = 0; trial < 3; trial++) {
      Architecture architecture = space.sample(random);
      boolean[] active = space.active(architecture);
      byte[] bytes = space.sized(space.cut(architecture).graph(), architecture).toBytes();
      for (int gene = 0; gene < active.length; gene++) {
        int size = space.genes().get(gene).size();
        if (size == 1) {
          continue;
        }
        Architecture other = architecture.with(gene, (architecture.choice(gene) + 1) % size);
        boolean same = Arrays.equals(bytes, space.sized(space.cut(other).graph(), other).toBytes());
        assertThat(same).as(space.genes().get(gene).name()).isEqualTo(!active[gene]);
      }
    }
  }

  @Test
  void aModelOfWhichNothingCanLeave_isRefusedByNodeAndReason() {
    Blueprint b = new Blueprint(17, 1);
    OnnxGraph graph = b.output(b.linear(b.input("x", "N", 6), 6, 4));
    assertThatThrownBy(
            () ->
                new ElasticModel(
                    "m", ElasticStructure.of(graph), new ElasticModel.Freedom(true, true)))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("The 4 channels of matmul_0: output 'add_1.out'");
  }

  private static float[] values(ElasticModel space, WeightRef reference) {
    return switch (reference) {
      case WeightRef.Slice slice -> slice(space, slice);
      case WeightRef.Joined(int axis, List<WeightRef> parts) -> joined(space, axis, parts);
      default -> throw new IllegalStateException("not of this space: " + reference);
    };
  }

  private static float[] slice(ElasticModel space, WeightRef.Slice slice) {
    TensorValue tensor =
        TensorValue.floats(
            "t",
            space.values(slice.tensor()),
            space.specs().get(slice.tensor()).shape().stream().mapToLong(d -> d).toArray());
    for (int axis = 0; axis < slice.windows().size(); axis++) {
      WeightRef.Window window = slice.windows().get(axis);
      int[] entries = new int[window.length()];
      Arrays.setAll(entries, i -> window.offset() + i);
      tensor = Entries.select(tensor, axis, entries);
    }
    return tensor.floats();
  }

  private static float[] joined(ElasticModel space, int axis, List<WeightRef> parts) {
    int outer = parts.getFirst().shape().subList(0, axis).stream().reduce(1, (a, b) -> a * b);
    int total = parts.stream().mapToInt(part -> (int) part.count()).sum();
    float[] result = new float[total];
    int at = 0;
    for (int o = 0; o < outer; o++) {
      for (WeightRef part : parts) {
        int length = (int) part.count() / outer;
        System.arraycopy(values(space, part), o * length, result, at, length);
        at += length;
      }
    }
    return result;
  }
}
