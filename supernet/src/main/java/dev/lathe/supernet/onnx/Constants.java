package dev.lathe.supernet.onnx;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.supernet.Torch;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** The constants of a graph as tensors: real numbers as float, integers as int64. */
final class Constants implements AutoCloseable {
  private final Map<String, Tensor> tensors = new HashMap<>();
  private final Map<String, TensorValue> values = new HashMap<>();

  /**
   * Takes the constants of a graph.
   *
   * @param except initializers that are trained
   */
  Constants(OnnxGraph graph, Set<String> except) {
    for (TensorValue tensor : graph.initializers()) {
      if (!except.contains(tensor.name())) {
        put(tensor.name(), tensor);
      }
    }
    for (OnnxNode node : graph.nodes()) {
      if (node.is("Constant")) {
        graph.constant(node.output()).ifPresent(tensor -> put(node.output(), tensor));
      }
    }
  }

  private void put(String name, TensorValue tensor) {
    values.put(name, tensor);
    Tensor flat =
        tensor.type().isFloating()
            ? Torch.floats(tensor.floats(), tensor.elements())
            : Torch.longs(tensor.longs());
    try (PointerScope _ = new PointerScope()) {
      tensors.put(name, flat.view(tensor.dims()).retainReference());
    }
    flat.close();
  }

  Map<String, Tensor> tensors() {
    return tensors;
  }

  /** The constant behind a value, which must be one. */
  TensorValue value(OnnxNode node, int input) {
    TensorValue value = node.input(input).map(values::get).orElse(null);
    if (value == null) {
      throw OnnxInterpreter.unsupported(node, "its input %d is no constant".formatted(input));
    }
    return value;
  }

  @Override
  public void close() {
    tensors.values().forEach(Tensor::close);
    tensors.clear();
  }
}
