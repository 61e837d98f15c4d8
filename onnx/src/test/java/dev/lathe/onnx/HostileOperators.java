package dev.lathe.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Models of one node each that cannot be run, written as text: operator, inputs, attributes. Inputs
 * are the values of {@link #model}, or constants: {@code i[1,2]} and {@code f[0.5]} are vectors,
 * {@code i(1)} a scalar. Attributes are {@code a=1}, {@code a=1,2} (a list, also of one: {@code
 * a=1,}), {@code a=0.5f} and {@code a='text'}.
 */
final class HostileOperators {
  private static final String CASES =
      """
      Conv x w group=0
      Conv x w group=-1
      Conv x w group=3
      Conv x w group=4611686018427387904
      Conv x w strides=0,0
      Conv x w strides=-1,-1
      Conv x w strides=2,
      Conv x w strides='two'
      Conv x w dilations=0,0
      Conv x w dilations=1099511627776,1099511627776
      Conv x w pads=-9,-9,-9,-9
      Conv x w pads=1,1,1
      Conv x w pads=1099511627776,0,1099511627776,0
      Conv x w kernel_shape=5,5
      Conv x w kernel_shape=0,0
      Conv x w kernel_shape=3,
      Conv x w auto_pad='SOMEHOW'
      Conv x
      Conv x m
      Conv x w f[1,2,3]
      Conv x w f[1,2,3,4] v
      Conv t w
      Conv i[1,2] w
      ConvTranspose x w group=0
      ConvTranspose x w output_shape=1099511627776,1099511627776
      ConvTranspose x w strides=1099511627776,1099511627776
      ConvTranspose x m
      ConvTranspose x w f[1,2,3]
      com.microsoft.FusedConv x w f[1,2,3] activation='Relu'
      com.microsoft.SkipLayerNormalization m m f[1,2,3]
      com.microsoft.BiasGelu x f[1,2,3]
      LayerNormalization m v f[1,2]
      InstanceNormalization x v f[1,2,3]
      BatchNormalization x v f[1,2,3] v v
      MaxPool x
      MaxPool x kernel_shape=0,0
      MaxPool x kernel_shape=9,9
      MaxPool x kernel_shape=2,2 pads=5,5,5,5
      MaxPool x kernel_shape=2,2 strides=0,0
      AveragePool x kernel_shape=2,
      AveragePool t kernel_shape=2,2
      AveragePool x kernel_shape=-3,-3
      GlobalAveragePool
      Gemm t m
      Gemm x m
      Gemm m m f[1,2,3]
      Gemm m
      MatMul x t
      MatMul f(1) m
      MatMul t t
      Add x f[1,2,3]
      Add x
      Add x v v
      Add x i[1]
      Add t m
      Concat x t axis=1
      Concat x x
      Concat x x axis=9
      Concat x x axis=-9
      Concat axis=0
      Concat m t axis=1
      Reshape x i[-1,-1]
      Reshape x i[7,7]
      Reshape x i[-5]
      Reshape x i[1,4,8,8,0]
      Reshape x i[4611686018427387904,4]
      Reshape x f[1,256]
      Reshape x
      Transpose x perm=0,1,2,2
      Transpose x perm=0,1
      Transpose x perm=0,1,2,9
      Transpose x perm=0,1,2,-4611686018427387904
      Softmax x axis=7
      Flatten x axis=9
      Flatten x axis=-9
      Squeeze x i[1]
      Squeeze x i[9]
      Unsqueeze x i[1,1]
      Unsqueeze x i[40]
      Gather m i[0] axis=5
      Gather m i[99]
      Gather m i[-99]
      Gather m f[0]
      GatherElements m i[0]
      GatherND m i[0,0,0,0]
      ScatterND m i[9] v
      Slice x i[0] i[1] i[0] i[0]
      Slice x i[0] i[1] i[9]
      Slice x i[0,0] i[1]
      Slice x f[0] f[1]
      Split x i[3,3] axis=1
      Split x i[-1,5] axis=1
      Split x axis=9
      Pad x i[1,1]
      Pad x i[0,0,0,0,1099511627776,0,0,0]
      Pad x i[0,0,-99,0,0,0,0,0]
      Pad x i[0,0,0,0,0,0,0,0] mode='sideways'
      Resize x e f[0,0,0,0]
      Resize x e f[1,1,-1,-1]
      Resize x e f[1,1]
      Resize x e f[1,1,100000000,100000000]
      Resize x e f[1,1,2,2] mode='wobbly'
      Expand x i[3,3,3,3]
      Expand x i[1099511627776,4,8,8]
      Expand v i[-4]
      Tile m i[1099511627776,1099511627776]
      Tile m i[100000,100000]
      Tile m i[2]
      Tile m i[-1,2]
      ConstantOfShape i[1099511627776,1099511627776]
      ConstantOfShape i[200000,200000]
      ConstantOfShape i[-3]
      Range i(0) i(4611686018427387904) i(1)
      Range i(0) i(5) i(0)
      Range i(0) i(99999999999) i(1)
      OneHot i[1] i(1099511627776) f[0,1]
      OneHot i[1] i(-4) f[0,1]
      TopK x i[99]
      TopK x i[-1]
      TopK x i[1,2]
      TopK x i[1] axis=12
      Cast x
      Cast x to=99
      Cast x to=-1
      BatchNormalization x v v v f[1,2,3]
      BatchNormalization x v v
      BatchNormalization x m m m m
      LayerNormalization x v axis=7
      LayerNormalization x f[1,2,3]
      InstanceNormalization x f[1,2,3] v
      Clip x v v
      PRelu x f[1,2,3]
      LRN x size=0
      DepthToSpace x blocksize=0
      DepthToSpace x blocksize=3
      DepthToSpace x blocksize=-2
      SpaceToDepth x blocksize=3
      SpaceToDepth x blocksize=0
      ReduceMean x axes=9,
      ReduceMean x axes=-9,
      ReduceSum x i[12]
      ArgMax x axis=9
      CumSum x i(9)
      Einsum m m equation='ab,bc->'a
      Einsum m m equation='ab,cd,ef->a'
      Where x x x
      Equal x i[1]
      Not x
      If x
      Loop i(5)
      Scan x num_scan_inputs=1
      QuantizeLinear x v v
      QuantizeLinear x f[1,2,3] axis=1
      QuantizeLinear x v axis=17
      DequantizeLinear x v
      DequantizeLinear i[1] f[1]
      QLinearConv x f(1) v w
      QLinearMatMul m f(1) m f(1)
      ConvInteger x w
      MatMulInteger m m
      LSTM x w w
      LSTM x w w hidden_size=1099511627776
      GRU x w w hidden_size=-3
      Constant
      Constant value_int=1 value_float=1.5f
      Relu
      Relu x x
      Sigmoid i[1]
      Frobnicate x
      Dropout x f[0.5,0.5]
      Compress x x
      Unique x axis=9
      NonMaxSuppression x x
      RoiAlign x x x
      GridSample x x
      Hardmax x axis=9
      Trilu v
      EyeLike v
      Mod x v fmod=0
      BitShift x v direction='UP'
      RandomNormal shape=1099511627776,1099511627776
      Multinomial x
      StringNormalizer x
      SequenceAt x i(0)
      Optional x
      com.microsoft.MatMulNBits m m v K=4 N=4 bits=4 block_size=16
      com.microsoft.MatMulNBits m m v K=4611686018427387904 N=4 bits=4 block_size=16
      com.microsoft.MatMulNBits m m v K=4 N=4 bits=77 block_size=0
      com.microsoft.QLinearAdd x v v x v v v v
      com.microsoft.FusedConv x w activation='Frobnicate'
      com.microsoft.Attention x w
      com.example.Anything x
      ai.onnx.ml.Scaler x offset='a'
      ai.onnx.ml.TreeEnsembleRegressor m
      """;

  private HostileOperators() {}

  /** One file a case, by its text. */
  static Map<String, byte[]> files() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    CASES.lines().forEach(text -> files.put(text, model(text).toBytes()));
    return files;
  }

  /**
   * Inputs x [1, 4, 8, 8], t [2, 3]; constants w [4, 4, 3, 3], v [4], m [4, 4], e [0]; output y.
   */
  static OnnxGraph model(String text) {
    OnnxGraph graph = OnnxGraph.create("hostile", 17);
    graph.opset("com.microsoft", 1);
    graph.opset("ai.onnx.ml", 3);
    graph.addInput(input("x", 1, 4, 8, 8));
    graph.addInput(input("t", 2, 3));
    graph.addInitializer(TensorValue.floats("w", SmallModels.random(144, 1), 4, 4, 3, 3));
    graph.addInitializer(TensorValue.floats("v", SmallModels.random(4, 2), 4));
    graph.addInitializer(TensorValue.floats("m", SmallModels.random(16, 3), 4, 4));
    graph.addInitializer(TensorValue.floats("e", new float[0], 0));
    graph.add(node(graph, text));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    return graph;
  }

  private static ValueInfo input(String name, int... dims) {
    List<Dimension> shape = Arrays.stream(dims).mapToObj(Dimension::of).toList();
    return new ValueInfo(name, ElementType.FLOAT, shape);
  }

  private static OnnxNode node(OnnxGraph graph, String text) {
    List<String> words = List.of(text.split(" ", -1));
    int dot = words.getFirst().lastIndexOf('.');
    List<String> inputs = new ArrayList<>();
    List<Attribute> attributes = new ArrayList<>();
    for (String word : words.subList(1, words.size())) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        attributes.add(attribute(word.substring(0, equals), word.substring(equals + 1)));
      } else {
        inputs.add(constant(graph, word, "c" + inputs.size()));
      }
    }
    return OnnxNode.of(
        dot < 0 ? "" : words.getFirst().substring(0, dot),
        words.getFirst().substring(dot + 1),
        "culprit",
        inputs,
        words.getFirst().equals("Split") ? List.of("y", "y2") : List.of("y"),
        attributes.toArray(Attribute[]::new));
  }

  private static Attribute attribute(String name, String value) {
    if (value.startsWith("'")) {
      return Attribute.string(name, value.substring(1, value.length() - 1));
    }
    if (value.endsWith("f")) {
      return Attribute.floating(name, Float.parseFloat(value));
    }
    if (!value.contains(",")) {
      return Attribute.integer(name, Long.parseLong(value));
    }
    return Attribute.ints(
        name,
        Arrays.stream(value.split(",", -1))
            .filter(part -> !part.isEmpty())
            .mapToLong(Long::parseLong)
            .toArray());
  }

  private static String constant(OnnxGraph graph, String word, String name) {
    if (!word.matches("[if][\\[(].*")) {
      return word;
    }
    String[] parts = word.substring(2, word.length() - 1).split(",", -1);
    long[] dims = word.charAt(1) == '(' ? new long[0] : new long[] {parts.length};
    if (word.charAt(0) == 'i') {
      graph.addInitializer(
          TensorValue.int64(name, Arrays.stream(parts).mapToLong(Long::parseLong).toArray(), dims));
    } else {
      float[] values = new float[parts.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = Float.parseFloat(parts[i]);
      }
      graph.addInitializer(TensorValue.floats(name, values, dims));
    }
    return name;
  }
}
