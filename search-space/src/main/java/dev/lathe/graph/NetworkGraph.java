package dev.lathe.graph;

import dev.lathe.graph.Operator.Activate;
import dev.lathe.graph.Operator.Add;
import dev.lathe.graph.Operator.BatchNorm;
import dev.lathe.graph.Operator.Concat;
import dev.lathe.graph.Operator.Conv2d;
import dev.lathe.graph.Operator.Flatten;
import dev.lathe.graph.Operator.GlobalAveragePool;
import dev.lathe.graph.Operator.Linear;
import dev.lathe.graph.Operator.Multiply;
import dev.lathe.graph.Operator.Pool2d;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network that can be trained: an immutable list of nodes in topological order, whose operators
 * refer to weights that lie in a store. A supernet is a store of full-size weights; each of its
 * subnets is a graph that refers to slices of them.
 *
 * @param inputs the network's inputs by name
 * @param nodes in topological order; shapes have been checked
 * @param outputs names of the values that are the result
 * @param shapes the shape of every value, inputs included
 */
public record NetworkGraph(
    Map<String, TensorShape> inputs,
    List<Node> nodes,
    List<String> outputs,
    Map<String, TensorShape> shapes) {
  public NetworkGraph {
    inputs = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    nodes = List.copyOf(nodes);
    outputs = List.copyOf(outputs);
    shapes = Map.copyOf(shapes);
  }

  /** The batch-norm nodes, in order. */
  public List<Node> batchNorms() {
    return nodes.stream().filter(node -> node.operator() instanceof BatchNorm).toList();
  }

  /** The nodes that read a value. */
  public List<Node> consumers(String value) {
    return nodes.stream().filter(node -> node.inputs().contains(value)).toList();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Builds a graph node by node, checking shapes as it goes; each call returns a value's name. */
  public static final class Builder {
    private final Map<String, TensorShape> inputs = new LinkedHashMap<>();
    private final Map<String, TensorShape> shapes = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();

    private Builder() {}

    /** Declares an input. */
    public String input(String name, TensorShape shape) {
      inputs.put(name, shape);
      shapes.put(name, shape);
      return name;
    }

    /**
     * Adds a node, whose output takes its name.
     *
     * @throws IllegalArgumentException naming the node if its inputs do not fit its operator
     */
    public String add(String name, Operator operator, String... operands) {
      if (shapes.containsKey(name)) {
        throw new IllegalArgumentException("the graph has a value '%s' already.".formatted(name));
      }
      List<TensorShape> given = new ArrayList<>();
      for (String operand : operands) {
        given.add(shape(operand));
      }
      shapes.put(name, Shapes.of(name, operator, given));
      nodes.add(new Node(name, operator, List.of(operands), name));
      return name;
    }

    /** The shape of a value made so far. */
    public TensorShape shape(String value) {
      return Optional.ofNullable(shapes.get(value))
          .orElseThrow(
              () -> new IllegalArgumentException("the graph has no value '%s'.".formatted(value)));
    }

    public NetworkGraph build(String... outputs) {
      for (String output : outputs) {
        shape(output);
      }
      return new NetworkGraph(inputs, nodes, List.of(outputs), shapes);
    }
  }

  /** Shape rules, one an operator. */
  private static final class Shapes {
    static TensorShape of(String node, Operator operator, List<TensorShape> in) {
      return switch (operator) {
        case Conv2d conv -> convolution(node, conv, image(node, in));
        case Linear linear -> {
          int features = in.getFirst().dimensions().getLast();
          require(
              in.getFirst().dimensions().size() == 1 && linear.weight().shape().get(1) == features,
              node,
              in,
              linear.weight().shape());
          List<Integer> dimensions = new ArrayList<>(in.getFirst().dimensions());
          dimensions.set(dimensions.size() - 1, linear.weight().shape().get(0));
          yield new TensorShape(dimensions);
        }
        case BatchNorm norm -> {
          require(
              norm.scale().shape().get(0) == in.getFirst().channels(),
              node,
              in,
              norm.scale().shape());
          yield in.getFirst();
        }
        case Activate _ -> in.getFirst();
        case Pool2d pool -> {
          TensorShape x = image(node, in);
          yield TensorShape.of(
              x.channels(),
              strided(x.dimensions().get(1), pool.kernel(), pool.stride(), pool.padding()),
              strided(x.dimensions().get(2), pool.kernel(), pool.stride(), pool.padding()));
        }
        case GlobalAveragePool _ -> TensorShape.of(image(node, in).channels(), 1, 1);
        case Flatten _ -> TensorShape.of(Math.toIntExact(in.getFirst().elements()));
        case Add _ -> {
          require(in.get(0).equals(in.get(1)), node, in, List.of());
          yield in.get(0);
        }
        case Multiply _ -> {
          require(in.get(0).channels() == in.get(1).channels(), node, in, List.of());
          yield in.get(0);
        }
        case Concat _ -> {
          List<Integer> dimensions = new ArrayList<>(in.getFirst().dimensions());
          dimensions.set(0, in.stream().mapToInt(TensorShape::channels).sum());
          yield new TensorShape(dimensions);
        }
      };
    }

    private static TensorShape convolution(String node, Conv2d conv, TensorShape x) {
      require(
          conv.weight().shape().get(1) * conv.groups() == x.channels()
              && conv.outChannels() % conv.groups() == 0,
          node,
          List.of(x),
          conv.weight().shape());
      return TensorShape.of(
          conv.outChannels(),
          strided(x.dimensions().get(1), conv.kernel(), conv.stride(), conv.padding()),
          strided(x.dimensions().get(2), conv.kernel(), conv.stride(), conv.padding()));
    }

    private static int strided(int size, int kernel, int stride, int padding) {
      return (size + 2 * padding - kernel) / stride + 1;
    }

    private static TensorShape image(String node, List<TensorShape> in) {
      require(in.getFirst().isImage(), node, in, List.of());
      return in.getFirst();
    }

    private static void require(
        boolean holds, String node, List<TensorShape> in, List<Integer> weights) {
      if (!holds) {
        throw new IllegalArgumentException(
            "node '%s' cannot take inputs of shape %s%s."
                .formatted(node, in, weights.isEmpty() ? "" : " with weights of shape " + weights));
      }
    }
  }
}
