package dev.lathe.supernet.program;

import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX graph as an immutable list of calls to libtorch, differentiable in its parameters and
 * inputs. Real numbers of all widths are computed in float32, integers in int64. Quantized values
 * are seen as real numbers on their grid: QuantizeLinear rounds and clips, gradients pass where it
 * does not clip (Jacob et al., arXiv 1712.05877), and DequantizeLinear changes nothing. Can be run
 * by several threads at once. Holds constants in native memory: close it.
 */
public final class Program implements AutoCloseable {
  private final List<ValueInfo> inputs;
  private final List<String> outputs;
  private final Call[] calls;
  private final int[] inputSlots;
  private final int[] outputSlots;
  private final @Nullable Tensor[] constants;
  private final @Nullable String[] parameters;
  private final boolean reducible;

  /**
   * A call.
   *
   * @param operands places that it reads
   * @param results places that it fills, negative where nobody reads
   * @param released places that nobody reads afterwards
   */
  record Call(OnnxNode node, Kernel kernel, int[] operands, int[] results, int[] released) {}

  Program(
      List<ValueInfo> inputs,
      List<String> outputs,
      List<Call> calls,
      int[] inputSlots,
      int[] outputSlots,
      @Nullable Tensor[] constants,
      @Nullable String[] parameters,
      boolean reducible) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.calls = calls.toArray(Call[]::new);
    this.inputSlots = inputSlots;
    this.outputSlots = outputSlots;
    this.constants = constants;
    this.parameters = parameters;
    this.reducible = reducible;
  }

  /**
   * Compiles a graph.
   *
   * @param parameters values that each run is given: initializers, or outputs of nodes, which are
   *     not computed then
   * @throws OnnxException naming a node that has no gradient, or whose operator is unknown
   */
  public static Program of(OnnxGraph graph, Set<String> parameters) {
    return new Compilation(graph, parameters).program();
  }

  /** The inputs that it takes, in order. */
  public List<ValueInfo> inputs() {
    return inputs;
  }

  /** The names of its outputs, in order. */
  public List<String> outputs() {
    return outputs;
  }

  /** The number of calls. */
  public int size() {
    return calls.length;
  }

  /** Computes the outputs in float32, see {@link #run(List, Function, Norms, Precision)}. */
  public List<Tensor> run(List<Tensor> given, Function<String, Tensor> source, Norms norms) {
    return run(given, source, norms, Precision.FLOAT32);
  }

  /**
   * Computes the outputs. Tensors that it makes belong to the caller's pointer scope.
   *
   * @param given one tensor an input, in order; integers as int64
   * @param source the tensor behind a parameter, by name
   * @param precision of its products, where the graph bears it; outputs are float32 in any case
   * @throws OnnxException naming a node whose operands do not fit together
   */
  public List<Tensor> run(
      List<Tensor> given, Function<String, Tensor> source, Norms norms, Precision precision) {
    if (given.size() != inputSlots.length) {
      throw new OnnxException(
          "the model takes %d inputs, not %d.".formatted(inputSlots.length, given.size()));
    }
    Frame frame =
        new Frame(
            constants.clone(),
            parameters,
            source,
            norms,
            reducible ? precision : Precision.FLOAT32);
    for (int i = 0; i < inputSlots.length; i++) {
      frame.put(inputSlots[i], given.get(i), new int[0]);
    }
    for (Call call : calls) {
      Tensor[] results = results(call, frame);
      for (int i = 0; i < call.results.length; i++) {
        if (call.results[i] >= 0) {
          if (i >= results.length) {
            throw Operands.unsupported(call.node, "its output %d is not known".formatted(i));
          }
          frame.put(call.results[i], results[i], call.operands);
        }
      }
      for (int slot : call.released) {
        frame.release(slot);
      }
    }
    List<Tensor> values = new ArrayList<>();
    for (int slot : outputSlots) {
      values.add(Precision.FLOAT32.of(frame.get(slot)));
    }
    return values;
  }

  private static Tensor[] results(Call call, Frame frame) {
    try {
      return call.kernel.compute(frame);
    } catch (OnnxException | IllegalStateException e) {
      throw e;
    } catch (RuntimeException e) {
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      throw new OnnxException(
          "%s cannot be computed: %s"
              .formatted(call.node.label(), message.lines().findFirst().orElse("")),
          e);
    }
  }

  @Override
  public void close() {
    for (int i = 0; i < constants.length; i++) {
      Tensor constant = constants[i];
      if (constant != null) {
        constant.close();
        constants[i] = null;
      }
    }
  }
}
