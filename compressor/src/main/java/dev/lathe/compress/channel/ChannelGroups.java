package dev.lathe.compress.channel;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the channels of a simplified graph that belong together. Convolutions and matrix products
 * with constant weights make and read channels; activations, pools and depthwise convolutions hand
 * them on; sums and products of two tensors join them. Whatever else touches channels (Concat,
 * Reshape, norms over channels, outputs of the model) fixes them.
 */
public final class ChannelGroups {
  private static final Set<String> HANDED_ON =
      Set.of(
          "Relu",
          "Clip",
          "LeakyRelu",
          "Sigmoid",
          "HardSigmoid",
          "HardSwish",
          "Tanh",
          "Erf",
          "Gelu",
          "Elu",
          "Selu",
          "Mish",
          "Softplus",
          "Identity",
          "MaxPool",
          "AveragePool",
          "GlobalAveragePool",
          "GlobalMaxPool");

  /** The channels of a value: a group, the dimension that counts them, entries a channel. */
  private record Place(int group, int axis, int block) {}

  private final OnnxGraph graph;
  private final Map<String, TensorType> types;
  private final Map<String, Place> places = new HashMap<>();
  private final List<Integer> parents = new ArrayList<>();
  private final List<Integer> sizes = new ArrayList<>();
  private final List<Boolean> fixed = new ArrayList<>();
  private final List<List<Slot>> makers = new ArrayList<>();
  private final List<List<ChannelGroup.Reader>> readers = new ArrayList<>();
  private final List<List<String>> depthwise = new ArrayList<>();

  private ChannelGroups(OnnxGraph graph) {
    this.graph = graph;
    this.types = ShapeInference.infer(graph, graph.symbols(1, Map.of()));
  }

  /** All groups of a simplified graph, fixed ones among them. */
  public static List<ChannelGroup> of(OnnxGraph graph) {
    ChannelGroups finder = new ChannelGroups(graph);
    graph.nodes().forEach(finder::visit);
    graph.outputs().forEach(output -> finder.fix(output.name()));
    return finder.groups();
  }

  private List<ChannelGroup> groups() {
    Map<Integer, List<Integer>> members = new LinkedHashMap<>();
    for (int id = 0; id < parents.size(); id++) {
      members.computeIfAbsent(root(id), key -> new ArrayList<>()).add(id);
    }
    List<ChannelGroup> groups = new ArrayList<>();
    members.forEach(
        (root, ids) ->
            groups.add(
                new ChannelGroup(
                    sizes.get(root),
                    ids.stream().flatMap(id -> makers.get(id).stream()).toList(),
                    ids.stream().flatMap(id -> readers.get(id).stream()).toList(),
                    ids.stream().flatMap(id -> depthwise.get(id).stream()).toList(),
                    fixed.get(root)
                        || ids.stream().allMatch(id -> makers.get(id).isEmpty())
                        || ids.stream().allMatch(id -> readers.get(id).isEmpty()))));
    return groups;
  }

  private int open(int size) {
    parents.add(parents.size());
    sizes.add(size);
    fixed.add(false);
    makers.add(new ArrayList<>());
    readers.add(new ArrayList<>());
    depthwise.add(new ArrayList<>());
    return parents.size() - 1;
  }

  private int root(int id) {
    int at = id;
    while (parents.get(at) != at) {
      at = parents.get(at);
    }
    return at;
  }

  private void join(int a, int b) {
    int left = root(a);
    int right = root(b);
    if (left != right) {
      boolean differ = !sizes.get(left).equals(sizes.get(right));
      fixed.set(left, fixed.get(left) || fixed.get(right) || differ);
      parents.set(right, left);
    }
  }

  private void fix(String value) {
    Place place = places.get(value);
    if (place != null) {
      fixed.set(root(place.group()), true);
    }
  }

  private void visit(OnnxNode node) {
    boolean understood = !node.hasSubgraphs() && node.outputs().size() == 1 && understand(node);
    if (!understood) {
      node.inputs().forEach(this::fix);
    }
    node.outputs().stream().filter(graph::isCaptured).forEach(this::fix);
    node.inputs().stream().filter(graph::isCaptured).forEach(this::fix);
  }

  /** Whether it is known what the node does with channels. */
  private boolean understand(OnnxNode node) {
    if (!node.domain().isEmpty()) {
      return false;
    }
    if (HANDED_ON.contains(node.opType())) {
      handOn(node, node.inputs().getFirst());
      return true;
    }
    return switch (node.opType()) {
      case "Conv" -> convolution(node);
      case "ConvTranspose" ->
          node.integer("group", 1) == 1
              && weights(node, 1, 0, places.get(node.inputs().getFirst()));
      case "Gemm" -> {
        boolean transposed = node.integer("transB", 0) != 0;
        yield node.integer("transA", 0) == 0
            && weights(
                node, transposed ? 0 : 1, transposed ? 1 : 0, places.get(node.inputs().getFirst()));
      }
      case "MatMul" -> matMul(node);
      case "Add", "Mul", "Sub", "Div" -> elementwise(node);
      case "PRelu" -> slope(node);
      case "Flatten" -> flatten(node);
      default -> false;
    };
  }

  private void handOn(OnnxNode node, String from) {
    Place place = places.get(from);
    if (place != null) {
      places.put(node.output(), place);
    }
  }

  /** A constant that no other node reads. */
  private Optional<TensorValue> own(OnnxNode node, int input) {
    return node.input(input)
        .flatMap(graph::initializer)
        .filter(tensor -> tensor.type() == dev.lathe.onnx.ElementType.FLOAT)
        .filter(tensor -> graph.consumers(tensor.name()).size() == 1);
  }

  private boolean convolution(OnnxNode node) {
    long groups = node.integer("group", 1);
    Place in = places.get(node.inputs().getFirst());
    if (groups == 1) {
      return weights(node, 0, 1, in);
    }
    Optional<TensorValue> weight = own(node, 1);
    boolean isDepthwise =
        weight.isPresent() && weight.get().dim(1) == 1 && weight.get().dim(0) == groups;
    if (!isDepthwise || in == null || !biasIsOwn(node)) {
      return false;
    }
    int group = in.group();
    makers.get(group).add(new Slot(weight.get().name(), 0, 1));
    own(node, 2).ifPresent(bias -> makers.get(group).add(new Slot(bias.name(), 0, 1)));
    depthwise.get(group).add(node.output());
    places.put(node.output(), in);
    return true;
  }

  private boolean biasIsOwn(OnnxNode node) {
    return node.input(2).isEmpty() || own(node, 2).isPresent();
  }

  /** Weights of a node: they read the input's channels and make the output's. */
  private boolean weights(
      OnnxNode node, int outputAxis, int inputAxis, @org.jspecify.annotations.Nullable Place in) {
    Optional<TensorValue> weight = own(node, 1);
    if (weight.isEmpty() || !biasIsOwn(node) || !types.containsKey(node.output())) {
      return false;
    }
    String name = weight.get().name();
    if (in != null) {
      readers
          .get(in.group())
          .add(new ChannelGroup.Reader(new Slot(name, inputAxis, in.block()), node.output()));
    }
    int made = open((int) weight.get().dim(outputAxis));
    makers.get(made).add(new Slot(name, outputAxis, 1));
    Optional<TensorValue> bias = own(node, 2);
    bias.ifPresent(b -> makers.get(made).add(new Slot(b.name(), b.rank() - 1, 1)));
    if (bias.isPresent() && bias.get().dim(bias.get().rank() - 1) != sizes.get(made)) {
      fixed.set(made, true);
    }
    int axis = node.is("MatMul") ? types.get(node.output()).rank() - 1 : 1;
    places.put(node.output(), new Place(made, axis, 1));
    return true;
  }

  private boolean matMul(OnnxNode node) {
    Place in = places.get(node.inputs().getFirst());
    TensorType input = types.get(node.inputs().getFirst());
    boolean usable =
        own(node, 1).filter(weight -> weight.rank() == 2).isPresent()
            && input != null
            && (in == null || in.axis() == input.rank() - 1);
    return usable && weights(node, 1, 0, in);
  }

  private boolean elementwise(OnnxNode node) {
    String left = node.inputs().getFirst();
    String right = node.inputs().get(1);
    if (graph.initializer(right).isPresent()) {
      return withConstant(node, left, 1);
    }
    if (graph.initializer(left).isPresent()) {
      return withConstant(node, right, 0);
    }
    Place a = places.get(left);
    Place b = places.get(right);
    if (a == null || b == null) {
      return false;
    }
    TensorType leftType = types.get(left);
    TensorType rightType = types.get(right);
    boolean alike =
        leftType != null
            && rightType != null
            && leftType.rank() - a.axis() == rightType.rank() - b.axis()
            && a.block() == b.block();
    if (!alike) {
      return false;
    }
    join(a.group(), b.group());
    places.put(node.output(), leftType.rank() >= rightType.rank() ? a : b);
    return true;
  }

  private boolean withConstant(OnnxNode node, String value, int input) {
    Place place = places.get(value);
    TensorType type = types.get(value);
    if (place == null || type == null) {
      return place == null;
    }
    TensorValue constant = graph.initializer(node.inputs().get(input)).orElseThrow();
    int axis = place.axis() - type.rank() + constant.rank();
    boolean counts = axis >= 0 && constant.dim(axis) != 1;
    if (constant.rank() > type.rank() || counts && own(node, input).isEmpty()) {
      return false;
    }
    if (counts) {
      makers.get(place.group()).add(new Slot(constant.name(), axis, place.block()));
    }
    places.put(node.output(), place);
    return true;
  }

  private boolean slope(OnnxNode node) {
    return graph.initializer(node.inputs().get(1)).isPresent()
        && withConstant(node, node.inputs().getFirst(), 1);
  }

  /** Only [N, C, …] to [N, C · …]. */
  private boolean flatten(OnnxNode node) {
    Place place = places.get(node.inputs().getFirst());
    TensorType type = types.get(node.inputs().getFirst());
    if (place == null) {
      return true;
    }
    if (type == null || place.axis() != 1 || node.integer("axis", 1) != 1) {
      return false;
    }
    int pixels = 1;
    for (int i = 2; i < type.rank(); i++) {
      pixels = Math.multiplyExact(pixels, (int) type.dim(i));
    }
    places.put(node.output(), new Place(place.group(), 1, place.block() * pixels));
    return true;
  }
}
