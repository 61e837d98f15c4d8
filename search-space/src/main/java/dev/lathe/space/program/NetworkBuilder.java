package dev.lathe.space.program;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Initializer;
import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import dev.lathe.graph.WeightRef;
import dev.lathe.graph.WeightRef.Moment;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What a space is written against: it emits ONNX nodes and asks what is free. Each call that adds a
 * node returns the name of the value that it makes, which is the node's name. Images are [batch,
 * channels, height, width]. A weight is a part of a stored tensor: leading channels, the centre of
 * kernels.
 */
public final class NetworkBuilder {
  /** HardSwish came with opset 14, layer normalization with 17; every runtime of today reads it. */
  public static final int OPSET = 17;

  /** Batch norm's guard against division by zero. */
  public static final float EPSILON = 1e-5f;

  private final Answers answers;
  private final Function<String, List<Integer>> extents;
  private final OnnxGraph graph = OnnxGraph.create("subnet", OPSET);
  private final ShapeInference shapes = ShapeInference.growing(OPSET);
  private final Map<String, WeightRef> weights = new LinkedHashMap<>();
  private final Map<String, TensorSpec> used = new LinkedHashMap<>();
  private final Map<String, Integer> asked = new LinkedHashMap<>();
  private final ChannelTies ties = new ChannelTies();
  private final List<Role> roles = new ArrayList<>();

  /**
   * A builder of one network.
   *
   * @param extents full extent of a stored tensor; empty while that is still to be found out
   */
  NetworkBuilder(Answers answers, Function<String, List<Integer>> extents) {
    this.answers = answers;
    this.extents = extents;
  }

  // --- questions

  /**
   * Asks for one of several alternatives; a single one is no question.
   *
   * @param gene name of the choice
   */
  public <T> T choice(String gene, List<T> alternatives) {
    if (alternatives.size() == 1) {
      return alternatives.getFirst();
    }
    Integer known = asked.get(gene);
    if (known == null) {
      known = answers.choose(gene, alternatives.stream().map(NetworkBuilder::label).toList());
      asked.put(gene, known);
    }
    return alternatives.get(known);
  }

  private static String label(Object alternative) {
    return alternative instanceof Activation activation
        ? activation.label()
        : String.valueOf(alternative);
  }

  // --- what is known of values

  /** The sizes of a value for a batch of one, outermost first. */
  public int[] shape(String value) {
    TensorType type =
        shapes
            .type(value)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the network has no value '%s'.".formatted(value)));
    return Arrays.stream(type.dims()).mapToInt(Math::toIntExact).toArray();
  }

  /** The number of channels of an image, or of features of a vector. */
  public int channels(String value) {
    return shape(value)[1];
  }

  // --- nodes

  /** Declares an input behind the batch dimension. */
  public String input(String name, int... sizes) {
    List<Dimension> dimensions = new ArrayList<>(List.of(Dimension.of(Subnet.BATCH)));
    IntStream.of(sizes).forEach(size -> dimensions.add(Dimension.of(size)));
    graph.addInput(new ValueInfo(name, ElementType.FLOAT, dimensions));
    long[] dims = withBatch(sizes);
    shapes.add(name, new TensorType(ElementType.FLOAT, dims));
    ties.pin(name);
    return name;
  }

  private static long[] withBatch(int... sizes) {
    long[] dims = new long[sizes.length + 1];
    dims[0] = 1;
    for (int i = 0; i < sizes.length; i++) {
      dims[i + 1] = sizes[i];
    }
    return dims;
  }

  /** Declares a value as the network's result. */
  public void output(String value) {
    ties.pin(value);
    List<Dimension> dimensions = new ArrayList<>(List.of(Dimension.of(Subnet.BATCH)));
    int[] sizes = shape(value);
    for (int i = 1; i < sizes.length; i++) {
      dimensions.add(Dimension.of(sizes[i]));
    }
    graph.addOutput(new ValueInfo(value, ElementType.FLOAT, dimensions));
  }

  /**
   * Adds a node of any operator of ONNX's own set. The channels of its inputs and its result must
   * stay in order; see {@link #channelwise}.
   */
  public String node(String opType, String name, List<String> inputs, Attribute... attributes) {
    inputs.forEach(ties::pin);
    ties.pin(name);
    return emit(opType, name, inputs, attributes);
  }

  /**
   * Adds a node whose result has the channels of its inputs, each computed from the same channel of
   * these alone.
   */
  public String channelwise(
      String opType, String name, List<String> inputs, Attribute... attributes) {
    inputs.stream()
        .filter(input -> graph.initializer(input).isEmpty())
        .forEach(input -> ties.unite(input, name));
    return emit(opType, name, inputs, attributes);
  }

  /** Adds a node without a word about its channels: see {@link #same}. */
  public String emit(String opType, String name, List<String> inputs, Attribute... attributes) {
    OnnxNode node = OnnxNode.of(opType, name, inputs, List.of(name), attributes);
    graph.add(node);
    shapes.add(node);
    return name;
  }

  /** States that two values have the same channels. */
  public void same(String left, String right) {
    ties.unite(left, right);
  }

  /** States that a dimension of a stored tensor runs over the channels of a value. */
  public void carries(String value, String tensor, int dimension, int kept) {
    ties.axis(value, tensor, dimension, kept);
  }

  /** As {@link #carries}, of the weights that make the channels. */
  public void makes(String value, String tensor, int dimension, int kept) {
    ties.filters(value, tensor, dimension, kept);
  }

  /** States what a node is to its block. */
  public void role(String block, Role.Kind kind, String node) {
    roles.add(new Role(block, kind, node));
  }

  /** A constant that is not trained. */
  public String constant(TensorValue value) {
    if (graph.initializer(value.name()).isEmpty()) {
      graph.addInitializer(value);
      shapes.add(value);
    }
    return value.name();
  }

  /** A constant number. */
  public String scalar(String name, float value) {
    return constant(TensorValue.floats(name, new float[] {value}));
  }

  /** An initializer that stands for weights. */
  public String weight(String name, WeightRef reference) {
    TensorValue outline =
        TensorValue.shapeOnly(
            name,
            ElementType.FLOAT,
            reference.shape().stream().mapToLong(Integer::longValue).toArray());
    weights.put(name, reference);
    graph.addInitializer(outline);
    shapes.add(outline);
    return name;
  }

  /** The leading part of a stored tensor. */
  public WeightRef.Slice leading(String tensor, TensorSpec kept) {
    used(tensor, kept);
    return new WeightRef.Slice(
        tensor, kept.shape().stream().map(size -> new WeightRef.Window(0, size)).toList());
  }

  /** A part of stored kernels [out, in, height, width]: leading channels, centres of kernels. */
  public WeightRef.Slice centred(String tensor, TensorSpec kept) {
    List<Integer> full = used(tensor, kept);
    List<WeightRef.Window> windows = new ArrayList<>();
    for (int d = 0; d < kept.shape().size(); d++) {
      int size = kept.shape().get(d);
      windows.add(
          d < 2 ? new WeightRef.Window(0, size) : WeightRef.Window.centre(full.get(d), size));
    }
    return new WeightRef.Slice(tensor, windows);
  }

  private List<Integer> used(String tensor, TensorSpec kept) {
    used.put(tensor, kept);
    List<Integer> full = extents.apply(tensor);
    return full.isEmpty() ? kept.shape() : full;
  }

  /** A convolution, with kernels {@code name.weight} and where asked for {@code name.bias}. */
  public String conv(String name, String x, Conv conv) {
    int in = channels(x);
    int out = conv.isDepthwise() ? in : conv.out();
    int groups = conv.isDepthwise() ? in : conv.groups();
    TensorSpec kernels =
        TensorSpec.weights(
            List.of(out, in / groups, conv.height(), conv.width()),
            conv.isDepthwise()
                ? new Initializer.KaimingDepthwise()
                : new Initializer.KaimingFanOut());
    List<String> inputs = new ArrayList<>(List.of(x));
    inputs.add(weight(name + ".w", centred(name + ".weight", kernels)));
    if (conv.bias()) {
      inputs.add(vector(name + ".b", name + ".bias", out, Initializer.zeros()));
    }
    if (conv.isDepthwise()) {
      ties.unite(x, name);
      ties.axis(name, name + ".weight", 0, out);
    } else {
      ties.axis(x, name + ".weight", 1, in / groups);
      ties.filters(name, name + ".weight", 0, out);
      if (groups > 1) {
        // channels of a group cannot leave it
        ties.pin(x);
        ties.pin(name);
      }
    }
    if (conv.bias()) {
      ties.axis(name, name + ".bias", 0, out);
    }
    int top = conv.padded() ? conv.height() / 2 : 0;
    int left = conv.padded() ? conv.width() / 2 : 0;
    return emit(
        "Conv",
        name,
        inputs,
        Attribute.ints("kernel_shape", conv.height(), conv.width()),
        Attribute.ints("strides", conv.stride(), conv.stride()),
        Attribute.ints("pads", top, left, top, left),
        Attribute.integer("group", groups));
  }

  private String vector(String name, String tensor, int size, Initializer initializer) {
    return weight(name, leading(tensor, TensorSpec.vector(List.of(size), initializer)));
  }

  /** Batch normalization over channels (Ioffe, Szegedy, arXiv 1502.03167). */
  public String batchNorm(String name, String x) {
    int channels = channels(x);
    ties.axis(name, name + ".scale", 0, channels);
    return norm(name, x, vector(name + ".s", name + ".scale", channels, Initializer.ones()));
  }

  /** Likewise without a scale to learn: its result never falls where its input rises. */
  public String unscaledNorm(String name, String x) {
    float[] ones = new float[channels(x)];
    Arrays.fill(ones, 1);
    return norm(name, x, constant(TensorValue.floats(name + ".s", ones, ones.length)));
  }

  private String norm(String name, String x, String scale) {
    int channels = channels(x);
    ties.unite(x, name);
    ties.axis(name, name + ".shift", 0, channels);
    return emit(
        "BatchNormalization",
        name,
        List.of(
            x,
            scale,
            vector(name + ".b", name + ".shift", channels, Initializer.zeros()),
            weight(name + ".mean", new Moment(name, Moment.Kind.MEAN, channels)),
            weight(name + ".var", new Moment(name, Moment.Kind.VARIANCE, channels))),
        Attribute.floating("epsilon", EPSILON));
  }

  /** A convolution with batch norm {@code name.norm}. */
  public String normalized(String name, String x, Conv conv) {
    return batchNorm(name + ".norm", conv(name, x, conv));
  }

  /** A convolution with batch norm {@code name.norm} and activation {@code name.act}. */
  public String activated(String name, String x, Conv conv, Activation function) {
    return activation(name + ".act", function, normalized(name, x, conv));
  }

  public String activation(String name, Activation function, String x) {
    return switch (function) {
      case RELU -> channelwise("Relu", name, List.of(x));
      case RELU6 -> channelwise("Clip", name, List.of(x, scalar("zero", 0), scalar("six", 6)));
      case HARD_SWISH -> channelwise("HardSwish", name, List.of(x));
      case HARD_SIGMOID ->
          channelwise(
              "HardSigmoid",
              name,
              List.of(x),
              Attribute.floating("alpha", 1 / 6f),
              Attribute.floating("beta", 0.5f));
    };
  }

  /** x · Φ(x), spelled so that runtimes fuse it (Hendrycks, Gimpel, arXiv 1606.08415). */
  public String gelu(String name, String x) {
    String y = channelwise("Div", name + ".div", List.of(x, scalar("root2", (float) Math.sqrt(2))));
    y = channelwise("Erf", name + ".erf", List.of(y));
    y = channelwise("Add", name + ".plus", List.of(y, scalar("one", 1)));
    y = channelwise("Mul", name + ".times", List.of(x, y));
    return channelwise("Mul", name, List.of(y, scalar("half", 0.5f)));
  }

  /**
   * Layer normalization over the channels of each pixel (Ba et al., arXiv 1607.06450), as an image.
   */
  public String layerNormOfChannels(String name, String x) {
    int channels = channels(x);
    ties.unite(x, name);
    ties.axis(name, name + ".scale", 0, channels);
    ties.axis(name, name + ".shift", 0, channels);
    String last = emit("Transpose", name + ".last", List.of(x), Attribute.ints("perm", 0, 2, 3, 1));
    String normed = layerNormalized(name + ".ln", name, last, channels);
    return emit("Transpose", name, List.of(normed), Attribute.ints("perm", 0, 3, 1, 2));
  }

  private String layerNormalized(String node, String tensors, String x, int features) {
    return emit(
        "LayerNormalization",
        node,
        List.of(
            x,
            vector(tensors + ".s", tensors + ".scale", features, Initializer.ones()),
            vector(tensors + ".b", tensors + ".shift", features, Initializer.zeros())),
        Attribute.integer("axis", -1),
        Attribute.floating("epsilon", 1e-6f));
  }

  /** Each channel times a trained number, which starts at the given one. */
  public String scaledChannels(String name, String x, float first) {
    int channels = channels(x);
    ties.axis(name, name + ".scale", 0, channels);
    String scale =
        weight(
            name + ".s",
            leading(
                name + ".scale",
                TensorSpec.vector(List.of(channels, 1, 1), new Initializer.Constant(first))));
    return channelwise("Mul", name, List.of(x, scale));
  }

  /** Parts of an image's channels, one after the other. */
  public List<String> split(String name, String x, List<Integer> sizes) {
    List<String> parts = parts(name, x, 1, sizes);
    ties.pin(x);
    parts.forEach(ties::pin);
    return parts;
  }

  /** Parts of one dimension, one after the other. */
  public List<String> parts(String name, String x, int axis, List<Integer> sizes) {
    List<String> parts = IntStream.range(0, sizes.size()).mapToObj(i -> name + (i + 1)).toList();
    long[] each = sizes.stream().mapToLong(Integer::longValue).toArray();
    String lengths = constant(TensorValue.int64(name + ".sizes", each, each.length));
    OnnxNode node =
        OnnxNode.of("Split", name, List.of(x, lengths), parts, Attribute.integer("axis", axis));
    graph.add(node);
    shapes.add(node);
    return parts;
  }

  /**
   * The greatest entries of the last dimension.
   *
   * @param count how many: a constant of one element
   * @return their values and their indices, the greatest first
   */
  public List<String> top(String name, String x, String count) {
    List<String> results = List.of(name, name + ".indices");
    OnnxNode node =
        OnnxNode.of("TopK", name, List.of(x, count), results, Attribute.integer("axis", -1));
    graph.add(node);
    shapes.add(node);
    return results;
  }

  /** Images one after the other along the channels. */
  public String concat(String name, List<String> parts) {
    return node("Concat", name, parts, Attribute.integer("axis", 1));
  }

  /** Sum of two values of equal shape. */
  public String add(String name, String left, String right) {
    return channelwise("Add", name, List.of(left, right));
  }

  /** Each channel times its gate, whose height and width may be 1. */
  public String gated(String name, String left, String right) {
    ties.gates(right);
    return channelwise("Mul", name, List.of(left, right));
  }

  /** Mean over height and width, which become 1. */
  public String globalPool(String name, String x) {
    return channelwise("GlobalAveragePool", name, List.of(x));
  }

  /** All dimensions behind the batch as one. */
  public String flatten(String name, String x) {
    int[] sizes = shape(x);
    return IntStream.range(2, sizes.length).allMatch(d -> sizes[d] == 1)
        ? channelwise("Flatten", name, List.of(x))
        : node("Flatten", name, List.of(x));
  }

  /**
   * Matrix product with vectors [batch, features], with bias.
   *
   * @param tensors prefix of its stored tensors
   */
  public String linear(String name, String tensors, String x, int out) {
    TensorSpec matrix = TensorSpec.weights(List.of(out, channels(x)), new Initializer.Normal(0.01));
    ties.axis(x, tensors + ".weight", 1, channels(x));
    ties.filters(name, tensors + ".weight", 0, out);
    ties.axis(name, tensors + ".bias", 0, out);
    return emit(
        "Gemm",
        name,
        List.of(
            x,
            weight(name + ".w", leading(tensors + ".weight", matrix)),
            vector(name + ".b", tensors + ".bias", out, Initializer.zeros())),
        Attribute.integer("transB", 1));
  }

  // --- results

  Run run() {
    return new Run(new Subnet(graph, weights), asked, used, ties.all(), roles);
  }

  /**
   * What one run of a program tells.
   *
   * @param asked the questions in order, with the index of the answer
   * @param used the stored tensors, with the extent that was used of each
   */
  record Run(
      Subnet subnet,
      Map<String, Integer> asked,
      Map<String, TensorSpec> used,
      List<ChannelTies.Tie> ties,
      List<Role> roles) {}
}
