package dev.lathe.supernet.program;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.supernet.tensor.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A graph on its way to a {@link Program}: places of values, constants, calls. */
final class Compilation {
  private final OnnxGraph graph;
  private final int opset;
  private final Set<String> parameters;
  private final Map<String, Integer> places = new HashMap<>();
  private final Map<String, TensorValue> constants = new HashMap<>();
  private final List<Pending> calls = new ArrayList<>();
  private final Set<Integer> wanted = new HashSet<>();
  private int count;

  private record Pending(OnnxNode node, Kernel kernel, int[] operands, int[] results) {}

  Compilation(OnnxGraph graph, Set<String> parameters) {
    this.graph = graph;
    this.opset = graph.opset();
    this.parameters = parameters;
  }

  Program program() {
    for (TensorValue tensor : graph.initializers()) {
      if (!parameters.contains(tensor.name()) && !tensor.isShapeOnly()) {
        constants.put(tensor.name(), tensor);
      }
    }
    List<ValueInfo> inputs = graph.inputs();
    int[] inputSlots = inputs.stream().mapToInt(input -> place(input.name())).toArray();
    for (OnnxNode node : graph.nodes()) {
      if (!parameters.contains(node.output())) {
        compile(node);
      }
    }
    List<String> outputs = graph.outputs().stream().map(ValueInfo::name).toList();
    int[] outputSlots = outputs.stream().mapToInt(this::place).toArray();
    Arrays.stream(outputSlots).forEach(wanted::add);
    calls.forEach(call -> Arrays.stream(call.operands).forEach(wanted::add));
    return new Program(
        inputs,
        outputs,
        linked(outputSlots),
        inputSlots,
        outputSlots,
        tensors(),
        names(),
        Precision.suits(graph));
  }

  private int place(String value) {
    return places.computeIfAbsent(value, _ -> count++);
  }

  private void compile(OnnxNode node) {
    if (node.is("Constant")) {
      graph.constant(node.output()).ifPresent(tensor -> constants.put(node.output(), tensor));
      return;
    }
    Optional<Integer> renamed = Aliases.of(node, constants::containsKey);
    if (renamed.isPresent()) {
      String from = node.inputs().get(renamed.get());
      if (constants.containsKey(from)) {
        constants.put(node.output(), constants.get(from));
      } else {
        places.put(node.output(), place(from));
      }
      return;
    }
    Operands operands = new Operands(node, opset, this::place, this::constant, this::parameterDims);
    Kernel kernel = Kernels.of(operands);
    if (isKnown(node) && folded(node, operands, kernel)) {
      return;
    }
    int[] results = node.outputs().stream().mapToInt(v -> v.isEmpty() ? -1 : place(v)).toArray();
    calls.add(new Pending(node, kernel, operands.read(), results));
  }

  private Optional<TensorValue> constant(String value) {
    return Optional.ofNullable(constants.get(value));
  }

  private Optional<long[]> parameterDims(String value) {
    return parameters.contains(value)
        ? graph.initializer(value).map(TensorValue::dims)
        : Optional.empty();
  }

  private boolean isKnown(OnnxNode node) {
    return node.outputs().size() == 1
        && node.inputs().stream().allMatch(v -> v.isEmpty() || constants.containsKey(v));
  }

  /** Computes a node whose operands are all known; its result is a constant then. */
  private boolean folded(OnnxNode node, Operands operands, Kernel kernel) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      @org.jspecify.annotations.Nullable Tensor[] values = new Tensor[count];
      for (String input : node.inputs()) {
        if (!input.isEmpty() && Arrays.stream(operands.read()).anyMatch(s -> s == place(input))) {
          Tensor value = tensor(constants.get(input));
          values[place(input)] = value;
          PointerScope.getInnerScope().attach(value);
        }
      }
      Frame frame =
          new Frame(
              values,
              new String[values.length],
              name -> {
                throw new IllegalStateException(name);
              },
              new Norms.Stored(),
              Precision.FLOAT32);
      constants.put(node.output(), value(node.output(), kernel.compute(frame)[0]));
      return true;
    } catch (OnnxException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new OnnxException("%s cannot be computed.".formatted(node.label()), e);
    }
  }

  private static TensorValue value(String name, Tensor tensor) {
    long[] dims = Sizes.of(tensor);
    if (tensor.is_floating_point()) {
      return TensorValue.floats(name, Torch.toFloats(tensor), dims);
    }
    long[] values = Torch.toLongs(tensor.to(torch.ScalarType.Long));
    if (tensor.scalar_type().value != torch.ScalarType.Bool.value) {
      return TensorValue.int64(name, values, dims);
    }
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return TensorValue.raw(name, ElementType.BOOL, bytes, dims);
  }

  /** A constant as a tensor that outlives the current scope. */
  private static Tensor tensor(TensorValue value) {
    try (PointerScope _ = new PointerScope()) {
      if (value.type().isFloating()) {
        return Torch.floats(value.floats(), value.dims());
      }
      Tensor flat = Torch.scopedLongs(value.longs()).reshape(value.dims());
      return (value.type() == ElementType.BOOL ? flat.to(torch.ScalarType.Bool) : flat)
          .retainReference();
    }
  }

  private @org.jspecify.annotations.Nullable Tensor[] tensors() {
    @org.jspecify.annotations.Nullable Tensor[] tensors = new Tensor[count];
    places.forEach(
        (name, place) -> {
          TensorValue constant = constants.get(name);
          if (constant != null && wanted.contains(place)) {
            tensors[place] = tensor(constant);
          }
        });
    return tensors;
  }

  private @org.jspecify.annotations.Nullable String[] names() {
    @org.jspecify.annotations.Nullable String[] names = new String[count];
    places.forEach((name, place) -> names[place] = parameters.contains(name) ? name : names[place]);
    return names;
  }

  /** The calls, each with the places that it reads last. */
  private List<Program.Call> linked(int[] outputSlots) {
    Set<Integer> kept = new HashSet<>();
    Arrays.stream(outputSlots).forEach(kept::add);
    Set<Integer> made = new HashSet<>();
    calls.forEach(call -> Arrays.stream(call.results).forEach(made::add));
    List<Program.Call> linked = new ArrayList<>();
    for (Pending call : calls.reversed()) {
      int[] results =
          Arrays.stream(call.results).map(slot -> wanted.contains(slot) ? slot : -1).toArray();
      int[] released =
          Arrays.stream(call.operands)
              .filter(slot -> made.contains(slot) && kept.add(slot))
              .toArray();
      linked.addFirst(new Program.Call(call.node, call.kernel, call.operands, results, released));
    }
    return linked;
  }
}
