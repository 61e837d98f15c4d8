package dev.lathe.space.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ElasticStructureTest {
  static List<String> kinds() {
    return List.copyOf(Specimens.ALL.keySet());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void permutedChannels_computeTheSame(String kind) {
    OnnxGraph graph = Specimens.ALL.get(kind).apply(7);
    ElasticStructure structure = ElasticStructure.of(graph);
    assertThat(structure.groups()).isNotEmpty();
    SplittableRandom random = new SplittableRandom(3);
    int[][] orders =
        structure.groups().stream().map(g -> shuffled(g.size(), random)).toArray(int[][]::new);
    OnnxGraph permuted = Cut.of(structure, orders, Set.of()).graph();
    assertThat(permuted.initializers()).hasSameSizeAs(structure.graph().initializers());
    assertClose(run(graph, 3), run(permuted, 3));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anyLeadingChannels_giveANetworkThatRuns(String kind) {
    ElasticStructure structure = ElasticStructure.of(Specimens.ALL.get(kind).apply(11));
    SplittableRandom random = new SplittableRandom(5);
    for (int trial = 0; trial < 12; trial++) {
      int[] widths =
          structure.groups().stream().mapToInt(g -> 1 + random.nextInt(g.size())).toArray();
      Set<String> without = new HashSet<>();
      structure.branches().stream()
          .filter(_ -> random.nextInt(3) == 0)
          .forEach(branch -> without.add(branch.sum()));
      OnnxGraph cut = Cut.leading(structure, widths, without).graph();
      Map<String, TensorType> types = ShapeInference.infer(cut, cut.symbols(3, Map.of()));
      Map<String, TensorValue> results = run(cut, 3);
      cut.outputs()
          .forEach(
              output ->
                  assertThat(types.get(output.name()))
                      .isEqualTo(results.get(output.name()).tensorType()));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void fullWidth_leavesTheModelAsItIs(String kind) {
    ElasticStructure structure = ElasticStructure.of(Specimens.ALL.get(kind).apply(2));
    int[] widths = structure.groups().stream().mapToInt(WidthGroup::size).toArray();
    OnnxGraph cut = Cut.leading(structure, widths, Set.of()).graph();
    assertThat(cut.nodes()).isEqualTo(structure.graph().nodes());
  }

  @Test
  void unmadeChannels_areThoseThatDoNotCount() {
    // The channels of one group set to nothing in every reader: the network without them is the
    // same, where no norm looks at all channels at once.
    ElasticStructure structure = ElasticStructure.of(Specimens.residual(4, true));
    OnnxGraph silenced = structure.graph().copy();
    int[] widths = structure.groups().stream().mapToInt(WidthGroup::size).toArray();
    WidthGroup group = structure.groups().get(1);
    widths[1] = group.size() / 2;
    for (Reader reader : group.readers()) {
      TensorValue weight = silenced.initializer(reader.weight()).orElseThrow();
      silenced.addInitializer(withoutLast(weight, reader.weightAxis(), group.size() / 2));
    }
    assertClose(run(silenced, 2), run(Cut.leading(structure, widths, Set.of()).graph(), 2));
  }

  @Test
  void residualNetwork_hasAGroupForEachStreamAndEachInnerWidth() {
    ElasticStructure structure = ElasticStructure.of(Specimens.residual(1, true));
    assertThat(structure.groups())
        .extracting(WidthGroup::size)
        .containsExactly(8, 8, 8, 16, 16, 16);
    assertThat(structure.branches()).hasSize(3);
    assertThat(structure.fixed())
        .singleElement()
        .satisfies(
            fixed ->
                assertThat(fixed.pin().toString()).contains("output").contains("keep its shape"));
  }

  @Test
  void heads_areCutWhole_alsoOfFusedProjections() {
    for (boolean fused : new boolean[] {false, true}) {
      ElasticStructure structure = ElasticStructure.of(Specimens.transformer(1, fused));
      assertThat(structure.groups())
          .extracting(WidthGroup::size)
          .as("fused: " + fused)
          .containsExactlyInAnyOrder(24, 3, 40, 3, 40);
      assertThat(structure.branches()).hasSize(4);
    }
  }

  @Test
  void smallerImages_areOfferedWhereNoReshapeFixesTheirSize() {
    assertThat(ElasticStructure.of(Specimens.squeezeExcitation(1)).inputSizes())
        .containsExactly(new InputSize(8, 8));
    assertThat(sizes(Specimens.residual(1, false))).containsExactly(16);
    assertThat(sizes(pooled(32))).containsExactly(32, 28, 24, 20, 16);
    assertThat(sizes(Specimens.flattened(1))).containsExactly(8);
    assertThat(ElasticStructure.of(Specimens.writtenNorm(1)).inputSizes()).isEmpty();
  }

  private static List<Integer> sizes(OnnxGraph graph) {
    return ElasticStructure.of(graph).inputSizes().stream().map(InputSize::height).toList();
  }

  private static OnnxGraph pooled(int side) {
    Blueprint b = new Blueprint(17, 1);
    return b.output(b.head(b.conv(b.input("x", "N", 3, side, side), 3, 8, 3, 2, 1), 8, 5));
  }

  @Test
  void aBranchThatLeaves_takesTheSecondReluWithIt() {
    ElasticStructure structure = ElasticStructure.of(Specimens.residual(1, false));
    int[] widths = structure.groups().stream().mapToInt(WidthGroup::size).toArray();
    ResidualBranch branch = structure.branches().getFirst();
    OnnxGraph without = Cut.leading(structure, widths, Set.of(branch.sum())).graph();
    // Two convolutions, the sum and two activations.
    assertThat(without.nodes()).hasSize(structure.graph().nodes().size() - 5);
    assertThat(run(without, 1)).hasSize(1);
  }

  @Test
  void computedShapes_followTheCut() {
    // Images of any size: the shape is put together from the input's and constants.
    Blueprint b = new Blueprint(17, 5);
    String x = b.conv(b.input("x", "N", 3, "H", "W"), 3, 8, 3, 1, 1);
    String shape = b.node("Shape", List.of(x));
    String grouped = b.reshape(x, 0, 2, -1);
    grouped = b.node("InstanceNormalization", List.of(grouped, b.positive(2), b.weight(1, 2)));
    x = b.node("Reshape", List.of(grouped, shape));
    String places =
        b.node(
            "Concat",
            List.of(
                b.node("Slice", List.of(shape, b.ints(0), b.ints(1))),
                b.ints(8),
                b.node("Slice", List.of(shape, b.ints(2), b.ints(4)))),
            dev.lathe.onnx.Attribute.integer("axis", 0));
    x = b.add(x, b.node("Expand", List.of(b.weight(1, 1, 8, 1, 1), places)));
    ElasticStructure structure = ElasticStructure.of(b.output(b.head(x, 8, 5)));
    assertThat(structure.groups()).extracting(WidthGroup::size).containsExactly(2);
    OnnxGraph cut = Cut.leading(structure, new int[] {1}, Set.of()).graph();
    assertThat(run(cut, 1)).hasSize(1);
  }

  @Test
  void unknownOperator_isNamed() {
    Blueprint b = new Blueprint(17, 1);
    String x = b.relu(b.conv(b.input("x", "N", 3, 8, 8), 3, 8, 3, 1, 1));
    String y = b.node("LRN", List.of(x), dev.lathe.onnx.Attribute.integer("size", 3));
    ElasticStructure structure = ElasticStructure.of(b.output(b.head(y, 8, 5)));
    assertThat(structure.groups()).isEmpty();
    assertThat(structure.fixed())
        .first()
        .satisfies(
            fixed -> {
              assertThat(fixed.name()).isEqualTo("conv_0");
              assertThat(fixed.pin().where()).isEqualTo("LRN 'lrn_2'");
            });
  }

  private static TensorValue withoutLast(TensorValue weight, int axis, int kept) {
    float[] values = weight.floats();
    int inner = 1;
    for (int i = axis + 1; i < weight.rank(); i++) {
      inner *= (int) weight.dim(i);
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = i / inner % weight.dim(axis) >= kept ? 0 : values[i];
    }
    return TensorValue.floats(weight.name(), values, weight.dims());
  }

  private static int[] shuffled(int size, SplittableRandom random) {
    int[] order = new int[size];
    Arrays.setAll(order, i -> i);
    for (int i = size - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int other = order[i];
      order[i] = order[j];
      order[j] = other;
    }
    return order;
  }

  static Map<String, TensorValue> run(OnnxGraph graph, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, TensorValue> inputs = new HashMap<>();
    Map<String, Long> symbols = graph.symbols(3, Map.of());
    for (ValueInfo input : graph.inputs()) {
      long[] dims =
          input.shape().stream()
              .mapToLong(
                  d ->
                      switch (d) {
                        case dev.lathe.onnx.Dimension.Fixed(long size) -> size;
                        case dev.lathe.onnx.Dimension.Symbolic(String symbol) ->
                            symbols.get(symbol);
                      })
              .toArray();
      float[] values = new float[(int) Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      inputs.put(
          input.name(),
          input.type() == ElementType.INT64
              ? TensorValue.int64(input.name(), ints(values), dims)
              : TensorValue.floats(input.name(), values, dims));
    }
    try (OrtModel model = OrtModel.open(graph.toBytes(), OrtModel.Options.LITERAL)) {
      return model.run(inputs);
    }
  }

  private static long[] ints(float[] values) {
    long[] ints = new long[values.length];
    Arrays.setAll(ints, i -> (long) Math.abs(3 * values[i]));
    return ints;
  }

  static void assertClose(Map<String, TensorValue> expected, Map<String, TensorValue> found) {
    assertThat(found).hasSameSizeAs(expected);
    List<Float> left = values(expected);
    List<Float> right = values(found);
    double range = left.stream().mapToDouble(Math::abs).max().orElse(1);
    assertThat(right).hasSameSizeAs(left);
    for (int i = 0; i < left.size(); i++) {
      assertThat(right.get(i)).isCloseTo(left.get(i), within((float) (1e-5 * range)));
    }
  }

  private static List<Float> values(Map<String, TensorValue> tensors) {
    List<Float> all = new ArrayList<>();
    tensors.keySet().stream()
        .sorted()
        .forEach(
            name -> {
              for (float value : tensors.get(name).floats()) {
                all.add(value);
              }
            });
    return all;
  }
}
