package dev.lathe.supernet.onnx;

import static org.bytedeco.pytorch.global.torch.fake_quantize_per_tensor_affine;

import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * Runs an ONNX graph of one input on libtorch, differentiably. Quantized values are seen as real
 * numbers on their grid: QuantizeLinear rounds and clips, gradients pass where it does not clip
 * (Jacob et al., arXiv 1712.05877), and DequantizeLinear changes nothing.
 */
final class OnnxInterpreter implements AutoCloseable {
  private final OnnxGraph graph;
  private final Map<String, Parameter> parameters;
  private final Constants constants;
  private final Operators operators;

  OnnxInterpreter(OnnxGraph graph, Map<String, Parameter> parameters) {
    this.graph = graph;
    this.parameters = parameters;
    Set<String> trained = new HashSet<>(parameters.keySet());
    this.constants = new Constants(graph, trained);
    this.operators = new Operators(constants);
    if (graph.inputs().size() != 1) {
      throw new OnnxException(
          "only models of one input can be trained, this has %d.".formatted(graph.inputs().size()));
    }
  }

  /**
   * The first output.
   *
   * @param input as the model takes it
   * @param leaf the tensor behind a parameter, by name
   */
  Tensor run(Tensor input, Function<String, Tensor> leaf) {
    Map<String, Tensor> values = new HashMap<>(constants.tensors());
    values.put(graph.inputs().getFirst().name(), input);
    parameters.forEach((name, parameter) -> values.put(name, parameter.seen(leaf.apply(name))));
    for (OnnxNode node : graph.nodes()) {
      if (!values.containsKey(node.output())) {
        compute(node, values);
      }
    }
    return values.get(graph.outputs().getFirst().name());
  }

  private void compute(OnnxNode node, Map<String, Tensor> values) {
    switch (node.opType()) {
      case "QuantizeLinear" -> values.put(node.output(), quantized(node, values));
      case "DequantizeLinear", "Identity", "Dropout" ->
          values.put(node.output(), values.get(node.inputs().getFirst()));
      default -> {
        List<Tensor> results = operators.compute(node, values);
        for (int i = 0; i < results.size(); i++) {
          values.put(node.outputs().get(i), results.get(i));
        }
      }
    }
  }

  private Tensor quantized(OnnxNode node, Map<String, Tensor> values) {
    float[] scales = constants.value(node, 1).floats();
    if (scales.length != 1) {
      throw unsupported(node, "activations must have one scale");
    }
    Grid grid = Grid.of(dev.lathe.onnx.ElementType.UINT8);
    long zero = 0;
    if (node.input(2).isPresent()) {
      grid = Grid.of(constants.value(node, 2).type());
      zero = constants.value(node, 2).longs()[0];
    }
    return fake_quantize_per_tensor_affine(
        values.get(node.inputs().getFirst()), scales[0], zero, grid.least(), grid.most());
  }

  static OnnxException unsupported(OnnxNode node, String why) {
    return new OnnxException("%s cannot be trained: %s.".formatted(node.label(), why));
  }

  @Override
  public void close() {
    constants.close();
  }
}
