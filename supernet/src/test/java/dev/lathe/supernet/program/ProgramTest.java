package dev.lathe.supernet.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.supernet.tensor.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProgramTest {
  /** One node on random operands, some of them constants. */
  private record Case(
      String label,
      int opset,
      String domain,
      String opType,
      List<Object> operands,
      int outputs,
      List<Attribute> attributes) {
    Case with(Attribute... more) {
      List<Attribute> all = new ArrayList<>(attributes);
      all.addAll(List.of(more));
      return new Case(
          label + all.stream().map(Attribute::name).toList(),
          opset,
          domain,
          opType,
          operands,
          outputs,
          all);
    }

    Case opset(int other) {
      return new Case(label + other, other, domain, opType, operands, outputs, attributes);
    }

    Case outputs(int other) {
      return new Case(label, opset, domain, opType, operands, other, attributes);
    }

    @Override
    public String toString() {
      return label;
    }
  }

  private record Input(boolean positive, long... dims) {}

  private static Input x(long... dims) {
    return new Input(false, dims);
  }

  private static Input above0(long... dims) {
    return new Input(true, dims);
  }

  private static TensorValue longs(long... values) {
    return TensorValue.int64("c", values, values.length);
  }

  private static TensorValue floats(float... values) {
    return TensorValue.floats("c", values, values.length);
  }

  private static TensorValue number(float value) {
    return TensorValue.floats("c", new float[] {value});
  }

  private static Case op(String opType, Object... operands) {
    return new Case(opType, 17, "", opType, List.of(operands), 1, List.of());
  }

  private static Case fused(String opType, Object... operands) {
    return new Case(opType, 17, "com.microsoft", opType, List.of(operands), 1, List.of());
  }

  private static Attribute i(String name, long value) {
    return Attribute.integer(name, value);
  }

  private static Attribute f(String name, float value) {
    return Attribute.floating(name, value);
  }

  private static Attribute s(String name, String value) {
    return Attribute.string(name, value);
  }

  private static Attribute ints(String name, long... values) {
    return Attribute.ints(name, values);
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (String unary :
        List.of(
            "Relu",
            "LeakyRelu",
            "Sigmoid",
            "HardSigmoid",
            "HardSwish",
            "Tanh",
            "Erf",
            "Exp",
            "Neg",
            "Abs",
            "Softmax",
            "LogSoftmax",
            "Hardmax",
            "Elu",
            "Celu",
            "Selu",
            "Softplus",
            "Softsign",
            "ThresholdedRelu",
            "Floor",
            "Ceil",
            "Round",
            "Sign",
            "Sin",
            "Cos",
            "Identity",
            "GlobalAveragePool",
            "GlobalMaxPool",
            "LpNormalization",
            "MeanVarianceNormalization")) {
      cases.add(op(unary, x(2, 3, 4, 5)));
    }
    cases.add(op("Softmax", x(2, 3, 4)).opset(11));
    cases.add(op("Gelu", x(2, 3)).opset(20));
    cases.add(op("Gelu", x(2, 3)).with(s("approximate", "tanh")).opset(20));
    cases.add(op("Mish", x(2, 3)).opset(18));
    for (String unary : List.of("Log", "Sqrt", "Reciprocal")) {
      cases.add(op(unary, above0(2, 3)));
    }
    cases.add(op("HardSigmoid", x(2, 9)).with(f("alpha", 1 / 6f), f("beta", .5f)));
    cases.add(op("PRelu", x(2, 3, 4), x(3, 1)));
    cases.add(op("Clip", x(3, 7), number(-.5f), number(.6f)));
    cases.add(op("Clip", x(3, 7), number(-.5f)));
    for (String binary : List.of("Add", "Sub", "Mul", "Div", "Min", "Max", "Mean", "Sum")) {
      cases.add(op(binary, x(2, 3, 4), above0(3, 1)));
    }
    for (String binary : List.of("Add", "Sub", "Mul", "Div")) {
      cases.add(op(binary, x(2, 3, 4), number(1.5f)));
      cases.add(op(binary, number(1.5f), above0(2, 3, 4)));
      cases.add(op(binary, x(2, 3), floats(2, 3, 4)));
    }
    cases.add(op("Pow", above0(2, 3), number(2.5f)));
    cases.add(op("Pow", above0(2, 3), x(2, 3)));
    cases.add(op("Mod", x(2, 3), above0(2, 3)).with(i("fmod", 1)));
    cases.add(op("Conv", x(2, 4, 9, 8), x(6, 4, 3, 3), x(6)).with(ints("pads", 1, 1, 1, 1)));
    cases.add(
        op("Conv", x(2, 4, 9, 8), x(8, 1, 3, 5))
            .with(i("group", 4), ints("strides", 2, 1), ints("pads", 1, 0, 0, 2)));
    cases.add(
        op("Conv", x(2, 4, 9, 8), x(6, 4, 3, 3))
            .with(s("auto_pad", "SAME_UPPER"), ints("strides", 2, 2)));
    cases.add(op("Conv", x(2, 4, 9), x(6, 2, 3), x(6)).with(i("group", 2), ints("dilations", 2)));
    cases.add(op("Conv", x(1, 2, 5, 5, 5), x(3, 2, 3, 3, 3)));
    cases.add(
        op("ConvTranspose", x(2, 4, 5, 6), x(4, 3, 3, 3), x(3))
            .with(ints("strides", 2, 2), ints("pads", 1, 1, 1, 1), ints("output_padding", 1, 1)));
    cases.add(
        op("MaxPool", x(2, 3, 9, 9))
            .with(ints("kernel_shape", 3, 3), ints("strides", 2, 2), ints("pads", 1, 1, 1, 1)));
    cases.add(op("MaxPool", x(2, 3, 9)).with(ints("kernel_shape", 3)));
    cases.add(
        op("MaxPool", x(2, 3, 9, 9)).with(ints("kernel_shape", 3, 3), ints("pads", 0, 1, 1, 0)));
    cases.add(
        op("AveragePool", x(2, 3, 9, 9))
            .with(ints("kernel_shape", 3, 3), ints("pads", 1, 1, 1, 1)));
    cases.add(
        op("AveragePool", x(2, 3, 9, 9))
            .with(ints("kernel_shape", 2, 3), i("count_include_pad", 1), ints("pads", 1, 1, 0, 0)));
    cases.add(op("LpPool", x(2, 3, 8, 8)).with(ints("kernel_shape", 2, 2), ints("strides", 2, 2)));
    cases.add(op("Gemm", x(3, 4), x(5, 4), x(5)).with(i("transB", 1)));
    cases.add(
        op("Gemm", x(4, 3), x(4, 5), x(3, 5)).with(i("transA", 1), f("alpha", .5f), f("beta", 2)));
    cases.add(op("MatMul", x(2, 3, 4, 5), x(5, 6)));
    cases.add(op("MatMul", x(2, 3, 4, 5), x(2, 3, 5, 6)));
    cases.add(op("BatchNormalization", x(2, 3, 4, 4), x(3), x(3), x(3), above0(3)));
    cases.add(op("LayerNormalization", x(2, 3, 8), x(8), x(8)));
    cases.add(op("LayerNormalization", x(2, 3, 8), x(3, 8)).with(i("axis", 1)));
    cases.add(op("InstanceNormalization", x(2, 3, 5, 5), x(3), x(3)));
    cases.add(
        op("GroupNormalization", x(2, 4, 5, 5), x(4), x(4)).with(i("num_groups", 2)).opset(21));
    cases.add(op("RMSNormalization", x(2, 3, 8), x(8)).opset(23));
    for (String reduction :
        List.of(
            "ReduceMean",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSumExp",
            "ReduceSumSquare")) {
      cases.add(op(reduction, x(2, 3, 4, 5)).with(ints("axes", 1, -1), i("keepdims", 0)));
      cases.add(op(reduction, x(2, 3, 4)));
    }
    cases.add(op("ReduceMean", x(2, 3, 4), longs(1)).opset(18));
    cases.add(op("ReduceSum", x(2, 3, 4), longs(1, 2)));
    cases.add(op("ReduceLogSum", above0(2, 3, 4)).with(ints("axes", 1)));
    cases.add(op("ArgMax", x(2, 3, 4)).with(i("axis", 1)));
    cases.add(op("ArgMin", x(2, 3, 4)).with(i("axis", -1), i("keepdims", 0)));
    cases.add(op("TopK", x(2, 9), longs(3)).outputs(2));
    cases.add(op("TopK", x(9, 2), longs(3)).with(i("axis", 0), i("largest", 0)).outputs(2));
    cases.add(op("Reshape", x(2, 3, 4), longs(0, -1, 2)));
    for (long axis : new long[] {0, 1, 2, -1}) {
      cases.add(op("Flatten", x(2, 3, 4)).with(i("axis", axis)));
    }
    cases.add(op("Transpose", x(2, 3, 4)));
    cases.add(op("Transpose", x(2, 3, 4)).with(ints("perm", 1, 2, 0)));
    cases.add(op("Concat", x(2, 3), x(2, 1), floats(1, 2).reshaped(2, 1)).with(i("axis", 1)));
    cases.add(
        op("Split", x(2, 7)).with(i("axis", 1)).outputs(2).opset(18).with(i("num_outputs", 2)));
    cases.add(op("Split", x(7, 2), longs(1, 4, 2)).outputs(3));
    cases.add(op("Slice", x(5, 6), longs(1, -3), longs(4, 100)));
    cases.add(op("Slice", x(5, 6), longs(-1), longs(-100), longs(1), longs(-2)));
    cases.add(op("Slice", x(5, 6), longs(0), longs(5), longs(0), longs(2)));
    cases.add(op("Squeeze", x(2, 1, 3, 1), longs(1)));
    cases.add(op("Unsqueeze", x(2, 3), longs(0, -1)));
    cases.add(
        op("Gather", x(4, 5), TensorValue.int64("c", new long[] {3, -1, 0, 2}, 2, 2))
            .with(i("axis", 1)));
    cases.add(op("Gather", x(4, 5), TensorValue.int64("c", new long[] {-2})));
    cases.add(
        op("GatherElements", x(3, 4), TensorValue.int64("c", new long[] {0, 1, -1, 2, 0, 1}, 2, 3))
            .with(i("axis", 0)));
    cases.add(op("GatherND", x(3, 4, 2), TensorValue.int64("c", new long[] {0, 1, 2, -1}, 2, 2)));
    cases.add(
        op("ScatterElements", x(3, 4), TensorValue.int64("c", new long[] {0, 2, 1}, 3, 1), x(3, 1))
            .with(i("axis", 1)));
    cases.add(
        op(
            "ScatterND",
            x(3, 4, 2),
            TensorValue.int64("c", new long[] {0, 1, 2, 3}, 2, 2),
            x(2, 2)));
    cases.add(op("Expand", x(3, 1), longs(2, 1, 4)));
    cases.add(op("Expand", x(3, 4), longs(1)));
    cases.add(op("Tile", x(2, 3), longs(2, 2)));
    cases.add(op("Pad", x(2, 3, 4, 5), longs(0, 0, 1, 2, 0, 0, 2, 1), number(.5f)));
    cases.add(op("Pad", x(2, 3, 4, 5), longs(0, 0, 1, 2, 0, 0, 2, 1)).with(s("mode", "reflect")));
    cases.add(op("Pad", x(2, 3, 4, 5), longs(0, 0, 1, 2, 0, 0, 2, 1)).with(s("mode", "edge")));
    cases.add(op("Resize", x(1, 2, 3, 4), floats(), floats(1, 1, 2, 3)).with(s("mode", "nearest")));
    cases.add(
        op("Resize", x(1, 2, 3, 4), floats(), floats(), longs(1, 2, 7, 5))
            .with(s("mode", "linear")));
    cases.add(
        op("Resize", x(1, 2, 3, 4), floats(), floats(), longs(1, 2, 7, 5))
            .with(s("mode", "linear"), s("coordinate_transformation_mode", "align_corners")));
    cases.add(
        op("Resize", x(1, 2, 4, 4), floats(), floats(), longs(1, 2, 7, 5))
            .with(s("coordinate_transformation_mode", "asymmetric"), s("nearest_mode", "floor")));
    cases.add(op("DepthToSpace", x(1, 8, 2, 3)).with(i("blocksize", 2)));
    cases.add(op("DepthToSpace", x(1, 8, 2, 3)).with(i("blocksize", 2), s("mode", "CRD")));
    cases.add(op("SpaceToDepth", x(1, 3, 4, 6)).with(i("blocksize", 2)));
    cases.add(op("CumSum", x(3, 4), TensorValue.int64("c", new long[] {1})));
    cases.add(
        op("CumSum", x(3, 4), TensorValue.int64("c", new long[] {0}))
            .with(i("exclusive", 1), i("reverse", 1)));
    cases.add(op("Trilu", x(4, 4)).with(i("upper", 0)));
    cases.add(op("QuantizeLinear", x(3, 4), number(.1f), TensorValue.uint8("c", new byte[] {100})));
    cases.add(fused("Gelu", x(2, 3)));
    cases.add(fused("FastGelu", x(2, 3), x(3)));
    cases.add(fused("BiasGelu", x(2, 3), x(3)));
    cases.add(fused("QuickGelu", x(2, 3)));
    cases.add(fused("FusedMatMul", x(2, 4, 3), x(2, 4, 5)).with(i("transA", 1), f("alpha", .5f)));
    cases.add(fused("FusedConv", x(1, 2, 5, 5), x(3, 2, 3, 3), x(3)).with(s("activation", "Relu")));
    cases.add(fused("SkipLayerNormalization", x(2, 3, 8), x(2, 3, 8), x(8), x(8), x(8)));
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void operator_computesWhatOnnxRuntimeComputes(Case example) {
    Random random = new Random(7);
    OnnxGraph graph = OnnxGraph.create("one", example.opset());
    if (!example.domain().isEmpty()) {
      graph.opset(example.domain(), 1);
    }
    Map<String, TensorValue> given = new LinkedHashMap<>();
    List<String> inputs = new ArrayList<>();
    for (Object operand : example.operands()) {
      String name = "in" + inputs.size();
      if (operand instanceof TensorValue constant) {
        boolean left = constant.elements() == 0;
        inputs.add(left ? "" : name);
        if (!left) {
          graph.addInitializer(constant.named(name));
        }
      } else if (operand instanceof Input input) {
        inputs.add(name);
        float[] values = new float[(int) Arrays.stream(input.dims()).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
          float value = (float) random.nextGaussian();
          values[i] = input.positive() ? Math.abs(value) + .2f : value;
        }
        TensorValue value = TensorValue.floats(name, values, input.dims());
        if (inputs.size() > 1
            && (example.opType().contains("Conv")
                || example.opType().equals("BatchNormalization"))) {
          graph.addInitializer(value);
        } else {
          given.put(name, value);
          graph.addInput(
              new ValueInfo(
                  name,
                  ElementType.FLOAT,
                  Arrays.stream(input.dims()).mapToObj(Dimension::of).toList()));
        }
      }
    }
    List<String> outputs = new ArrayList<>();
    for (int o = 0; o < example.outputs(); o++) {
      outputs.add("out" + o);
    }
    graph.add(
        OnnxNode.of(
            example.domain(),
            example.opType(),
            "node",
            inputs,
            outputs,
            example.attributes().toArray(Attribute[]::new)));
    Map<String, TensorType> types = ShapeInference.infer(graph, Map.of());
    for (String output : outputs) {
      TensorType type = types.get(output);
      graph.addOutput(
          type == null
              ? ValueInfo.unranked(output, ElementType.FLOAT)
              : new ValueInfo(
                  output,
                  type.type(),
                  Arrays.stream(type.dims()).mapToObj(Dimension::of).toList()));
    }
    agrees(graph, given, Set.of());
  }

  private static void agrees(
      OnnxGraph graph, Map<String, TensorValue> given, Set<String> parameters) {
    Map<String, TensorValue> wanted;
    try (OrtModel model = OrtModel.open(graph.toBytes(), OrtModel.Options.LITERAL)) {
      wanted = model.run(given);
    }
    try (Program program = Program.of(graph, parameters);
        PointerScope _ = new PointerScope()) {
      List<Tensor> tensors =
          program.inputs().stream().map(info -> tensor(given.get(info.name()))).toList();
      List<Tensor> results =
          program.run(
              tensors, name -> tensor(graph.initializer(name).orElseThrow()), new Norms.Stored());
      for (int i = 0; i < results.size(); i++) {
        String name = program.outputs().get(i);
        float[] expected = wanted.get(name).floats();
        Tensor result = results.get(i);
        assertThat(Sizes.of(result)).as(name).isEqualTo(wanted.get(name).dims());
        float[] seen = Torch.toFloats(result.to(torch.ScalarType.Float));
        boolean quantized = graph.producer(name).orElseThrow().is("QuantizeLinear");
        assertThat(worst(expected, seen, quantized)).as(name).isLessThan(1e-4);
      }
    }
  }

  /** The largest difference, in parts of the range. */
  private static double worst(float[] expected, float[] seen, boolean quantized) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      double value = quantized ? (expected[i] - 100) * .1 : expected[i];
      least = Math.min(least, value);
      most = Math.max(most, value);
      worst = Math.max(worst, Math.abs(value - seen[i]));
    }
    return worst / Math.max(most - least, 1);
  }

  private static Tensor tensor(TensorValue value) {
    return value.type().isFloating()
        ? Torch.scopedFloats(value.floats(), value.dims())
        : Torch.scopedLongs(value.longs()).reshape(value.dims());
  }

  private static ValueInfo info(String name, ElementType type, Object... dims) {
    return new ValueInfo(
        name,
        type,
        Arrays.stream(dims)
            .map(d -> d instanceof Integer size ? Dimension.of(size) : Dimension.of((String) d))
            .toList());
  }

  /** Token ids and a mask, an embedding, shapes computed as the model runs, two outputs. */
  private static OnnxGraph encoder() {
    Random random = new Random(3);
    OnnxGraph graph = OnnxGraph.create("encoder", 17);
    graph.addInput(info("ids", ElementType.INT64, "N", "L"));
    graph.addInput(info("mask", ElementType.INT64, "N", "L"));
    graph.addOutput(info("hidden", ElementType.FLOAT, "N", "L", 8));
    graph.addOutput(info("pooled", ElementType.FLOAT, "N", 8));
    for (Map.Entry<String, long[]> weight :
        Map.of("table", new long[] {20, 8}, "wq", new long[] {8, 8}, "wk", new long[] {8, 8})
            .entrySet()) {
      float[] values = new float[(int) (weight.getValue()[0] * weight.getValue()[1])];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      graph.addInitializer(TensorValue.floats(weight.getKey(), values, weight.getValue()));
    }
    graph.addInitializer(longs(2).named("heads"));
    graph.addInitializer(longs(-1).named("rest"));
    graph.addInitializer(number(-1e4f).named("far"));
    graph.addInitializer(number(1).named("one"));
    graph.addInitializer(longs(1, 2).named("axes"));
    node(graph, "Gather", "x", "table", "ids");
    node(graph, "Shape", "shape", "ids");
    graph.add(
        OnnxNode.of(
            "Concat",
            "target",
            List.of("shape", "heads", "rest"),
            List.of("target"),
            i("axis", 0)));
    for (String side : List.of("q", "k")) {
      node(graph, "MatMul", side + "0", "x", "w" + side);
      node(graph, "Reshape", side + "1", side + "0", "target");
    }
    graph.add(OnnxNode.of("Transpose", "q", List.of("q1"), List.of("q"), ints("perm", 0, 2, 1, 3)));
    graph.add(OnnxNode.of("Transpose", "k", List.of("k1"), List.of("k"), ints("perm", 0, 2, 3, 1)));
    graph.add(OnnxNode.of("Transpose", "v", List.of("k1"), List.of("v"), ints("perm", 0, 2, 1, 3)));
    node(graph, "MatMul", "scores", "q", "k");
    graph.add(OnnxNode.of("Cast", "real", List.of("mask"), List.of("real"), i("to", 1)));
    node(graph, "Sub", "hidden0", "one", "real");
    node(graph, "Mul", "bias0", "hidden0", "far");
    node(graph, "Unsqueeze", "bias", "bias0", "axes");
    node(graph, "Add", "masked", "scores", "bias");
    node(graph, "Softmax", "shares", "masked");
    node(graph, "MatMul", "mixed", "shares", "v");
    graph.add(
        OnnxNode.of(
            "Transpose", "back", List.of("mixed"), List.of("back"), ints("perm", 0, 2, 1, 3)));
    graph.add(
        OnnxNode.of("Concat", "flat", List.of("shape", "rest"), List.of("flat"), i("axis", 0)));
    node(graph, "Reshape", "hidden", "back", "flat");
    graph.add(
        OnnxNode.of(
            "ReduceMean",
            "pool",
            List.of("hidden"),
            List.of("pooled"),
            ints("axes", 1),
            i("keepdims", 0)));
    return graph;
  }

  private static void node(OnnxGraph graph, String opType, String output, String... inputs) {
    graph.add(OnnxNode.of(opType, output, List.of(inputs), List.of(output)));
  }

  @Test
  void modelOfSeveralIntegerInputsAndOutputs_agreesForAnyBatchAndLength() {
    for (int[] size : new int[][] {{1, 3}, {4, 6}}) {
      long[] ids = new long[size[0] * size[1]];
      Arrays.setAll(ids, i -> (i * 7) % 20);
      long[] mask = new long[ids.length];
      Arrays.setAll(mask, i -> i % size[1] == 2 ? 0 : 1);
      agrees(
          encoder(),
          Map.of(
              "ids", TensorValue.int64("ids", ids, size[0], size[1]),
              "mask", TensorValue.int64("mask", mask, size[0], size[1])),
          Set.of("table", "wq", "wk"));
    }
  }

  @Test
  void gradients_reachParametersThroughAllOfIt() {
    OnnxGraph graph = encoder();
    try (Program program = Program.of(graph, Set.of("table", "wq", "wk"));
        PointerScope _ = new PointerScope()) {
      Map<String, Tensor> leaves = new LinkedHashMap<>();
      for (String name : List.of("table", "wq", "wk")) {
        leaves.put(name, tensor(graph.initializer(name).orElseThrow()).set_requires_grad(true));
      }
      List<Tensor> ids =
          List.of(
              Torch.scopedLongs(new long[] {1, 2, 3, 4}).reshape(2, 2),
              Torch.scopedLongs(new long[] {1, 1, 1, 1}).reshape(2, 2));
      List<Tensor> results = program.run(ids, leaves::get, new Norms.Stored());
      results.get(0).mul(results.get(0)).sum().add(results.get(1).sum()).backward();
      leaves.forEach(
          (name, leaf) ->
              assertThat(Torch.toFloats(leaf.grad().abs().sum())[0]).as(name).isPositive());
    }
  }

  @Test
  void valuesThatNobodyReadsAgain_areLetGo() {
    OnnxGraph graph = OnnxGraph.create("chain", 17);
    graph.addInput(info("v0", ElementType.FLOAT, "N", 1024));
    graph.addOutput(info("v40", ElementType.FLOAT, "N", 1024));
    for (int i = 0; i < 40; i++) {
      node(graph, "Relu", "v" + (i + 1), "v" + i);
    }
    try (Program program = Program.of(graph, Set.of());
        PointerScope scope = new PointerScope();
        org.bytedeco.pytorch.NoGradGuard _ = new org.bytedeco.pytorch.NoGradGuard()) {
      Tensor input = torch.ones(1, 1024);
      Tensor result = program.run(List.of(input), _ -> input, new Norms.Stored()).getFirst();
      assertThat(Torch.toFloats(result)).containsOnly(1f);
      assertThat(input.isNull()).isFalse();
    }
  }

  @Test
  void integerKernels_areRefusedWithTheReason() {
    OnnxGraph graph = OnnxGraph.create("quantized", 17);
    graph.addInput(info("x", ElementType.UINT8, 2, 3));
    graph.addInput(info("w", ElementType.UINT8, 3, 4));
    graph.addOutput(info("y", ElementType.INT32, 2, 4));
    node(graph, "MatMulInteger", "y", "x", "w");
    assertThatThrownBy(() -> Program.of(graph, Set.of()))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("MatMulInteger 'y'")
        .hasMessageContaining("before it was quantized");
  }

  @Test
  void operandsThatDoNotFit_nameTheNode() {
    OnnxGraph graph = OnnxGraph.create("wrong", 17);
    graph.addInput(info("x", ElementType.FLOAT, "N", "M"));
    graph.addInput(info("w", ElementType.FLOAT, 3, 4));
    graph.addOutput(info("y", ElementType.FLOAT, "N", 4));
    node(graph, "MatMul", "y", "x", "w");
    try (Program program = Program.of(graph, Set.of());
        PointerScope _ = new PointerScope()) {
      List<Tensor> wrong = List.of(torch.ones(2, 5), torch.ones(3, 4));
      assertThatThrownBy(() -> program.run(wrong, _ -> wrong.getFirst(), new Norms.Stored()))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining("MatMul 'y'");
    }
  }
}
