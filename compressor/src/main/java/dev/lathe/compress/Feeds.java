package dev.lathe.compress;

import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What is fed to a model. */
final class Feeds {
  private Feeds() {}

  /** Names of the inputs. */
  static Set<String> names(OnnxGraph graph) {
    return graph.inputs().stream().map(ValueInfo::name).collect(Collectors.toSet());
  }

  /** Sizes that the symbolic dimensions of the inputs have when these values are fed. */
  static Map<String, Long> symbols(OnnxGraph graph, Map<String, TensorValue> values) {
    Map<String, Long> symbols = new HashMap<>();
    for (ValueInfo input : graph.inputs()) {
      TensorValue value = values.get(input.name());
      for (int i = 0; value != null && i < input.shape().size(); i++) {
        if (input.shape().get(i) instanceof Dimension.Symbolic(String symbol)) {
          symbols.put(symbol, value.dim(i));
        }
      }
    }
    return symbols;
  }
}
