package dev.lathe.onnx;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;

/**
 * Computes type and shape of a graph's values. Shapes that depend on other shapes (Shape → Gather →
 * Concat → Reshape) are followed, since all sizes are numbers here. A value that cannot be known
 * without running the model, or that an unknown operator makes, is left out of the answer unless
 * the model declares it.
 */
public final class ShapeInference {
  /** Integer tensors up to this number of elements are computed. */
  private static final int MAX_COMPUTED_ELEMENTS = 4096;

  private final int opset;
  private final Function<String, Optional<TensorType>> declared;
  private final Map<String, TensorType> types = new LinkedHashMap<>();
  private final Map<String, long[]> integers = new HashMap<>();
  private final Map<String, float[]> numbers = new HashMap<>();

  private ShapeInference(int opset, Function<String, Optional<TensorType>> declared) {
    this.opset = opset;
    this.declared = declared;
  }

  /** For a graph that is still being made: node after node, see {@link #add}. */
  public static ShapeInference growing(int opset) {
    return new ShapeInference(opset, _ -> Optional.empty());
  }

  /**
   * Infers all that can be known.
   *
   * @param symbols sizes of the symbolic dimensions of the inputs, by name
   * @return type and shape by value: inputs, initializers, results of nodes
   * @throws OnnxException if an input has a symbolic dimension without a size, or a node's inputs
   *     do not fit together; names them
   */
  public static Map<String, TensorType> infer(OnnxGraph graph, Map<String, Long> symbols) {
    ShapeInference inference =
        new ShapeInference(graph.opset(), value -> declared(graph, value, symbols));
    graph.initializers().forEach(inference::add);
    for (ValueInfo input : graph.inputs()) {
      inference.add(input.name(), type(input, symbols));
    }
    graph.nodes().forEach(inference::add);
    return inference.types;
  }

  /** As {@link #infer}, with {@code batch} for the symbolic first dimensions of all inputs. */
  public static Map<String, TensorType> infer(OnnxGraph graph, long batch) {
    Map<String, Long> symbols = new HashMap<>();
    for (ValueInfo input : graph.inputs()) {
      if (!input.shape().isEmpty()
          && input.shape().getFirst() instanceof Dimension.Symbolic(String symbol)) {
        symbols.put(symbol, batch);
      }
    }
    return infer(graph, symbols);
  }

  /** Tells of a constant. */
  public void add(TensorValue tensor) {
    types.put(tensor.name(), tensor.tensorType());
    boolean integral =
        tensor.type() == ElementType.INT64
            || tensor.type() == ElementType.INT32
            || tensor.type() == ElementType.BOOL;
    if (integral && !tensor.isShapeOnly() && tensor.elements() <= MAX_COMPUTED_ELEMENTS) {
      integers.put(tensor.name(), tensor.longs());
    } else if (tensor.type() == ElementType.FLOAT
        && !tensor.isShapeOnly()
        && tensor.elements() <= 8) {
      numbers.put(tensor.name(), tensor.floats());
    }
  }

  /** Tells of a value that no node makes. */
  public void add(String value, TensorType type) {
    types.put(value, type);
  }

  /**
   * Infers the results of a node whose inputs are known by now.
   *
   * @throws OnnxException if they do not fit together; names the node
   */
  public void add(OnnxNode node) {
    try {
      infer(node);
    } catch (OnnxException e) {
      throw new OnnxException("%s: %s".formatted(node.label(), e.getMessage()), e);
    } catch (ArithmeticException
        | IndexOutOfBoundsException
        | IllegalArgumentException
        | NegativeArraySizeException
        | NoSuchElementException e) {
      throw new OnnxException(
          "%s has inputs or attributes that do not fit together (%s)."
              .formatted(node.label(), e.getMessage()),
          e);
    }
  }

  /** Type and shape of a value, where known by now. */
  public Optional<TensorType> type(String value) {
    return Optional.ofNullable(types.get(value));
  }

  private static TensorType type(ValueInfo input, Map<String, Long> symbols) {
    if (!input.ranked()) {
      throw new OnnxException(
          "input '%s' declares no shape. Maybe export the model with shapes."
              .formatted(input.name()));
    }
    long[] dims = new long[input.shape().size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] =
          switch (input.shape().get(i)) {
            case Dimension.Fixed(long size) -> size;
            case Dimension.Symbolic(String symbol) -> {
              Long size = symbols.get(symbol);
              if (size == null) {
                throw new OnnxException(
                    "dimension %d of input '%s' is '%s', of unknown size. Maybe give a size for it."
                        .formatted(i, input.name(), symbol));
              }
              yield size;
            }
          };
    }
    TensorType.elements(dims);
    return new TensorType(input.type(), dims);
  }

  private void infer(OnnxNode node) {
    if (node.is("Constant")) {
      Constants.valueOf(node).ifPresent(this::add);
      return;
    }
    Operands operands = new Operands(node, opset, this::type, this::integers, this::numbers);
    List<TensorType> results = List.of();
    if (operands.complete()) {
      results = ShapeRules.infer(operands);
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      String value = node.outputs().get(i);
      if (value.isEmpty()) {
        continue;
      }
      if (i < results.size()) {
        results.get(i).elements();
        types.put(value, results.get(i));
      } else {
        declared.apply(value).ifPresent(type -> types.put(value, type));
      }
    }
    TensorType first = types.get(node.output());
    if (first != null && first.elements() <= MAX_COMPUTED_ELEMENTS && operands.complete()) {
      IntegerRules.compute(operands, first)
          .ifPresent(values -> integers.put(node.output(), values));
    }
  }

  private static Optional<TensorType> declared(
      OnnxGraph graph, String value, Map<String, Long> symbols) {
    return graph
        .declared(value)
        .filter(ValueInfo::ranked)
        .filter(
            info ->
                info.shape().stream()
                    .allMatch(
                        dimension ->
                            dimension instanceof Dimension.Fixed
                                || dimension instanceof Dimension.Symbolic(String symbol)
                                    && symbols.containsKey(symbol)))
        .map(info -> type(info, symbols));
  }

  private Optional<float[]> numbers(String value) {
    return Optional.ofNullable(numbers.get(value));
  }

  private Optional<long[]> integers(String value) {
    return Optional.ofNullable(integers.get(value));
  }
}
