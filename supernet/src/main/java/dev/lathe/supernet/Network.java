package dev.lathe.supernet;

import static org.bytedeco.pytorch.global.torch.adaptive_avg_pool2d;

import dev.lathe.graph.Subnet;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.supernet.program.Norms;
import dev.lathe.supernet.program.Precision;
import dev.lathe.supernet.program.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * A network to be run on the weights of a store: a program, and what its parameters are in the
 * store. Can be run by several threads at once. Holds native memory: close it.
 */
public final class Network implements AutoCloseable {
  private final Program program;
  private final Source source;
  private final Norms training;

  /** What a parameter is in a store. */
  private interface Source {
    Tensor of(String parameter, Weights weights);
  }

  private Network(Program program, Source source, Norms training) {
    this.program = program;
    this.source = source;
    this.training = training;
  }

  /** A subnet; its batch norms are trained with the statistics of the batch. */
  public static Network of(Subnet subnet) {
    return new Network(
        Program.of(subnet.graph(), subnet.weights().keySet()),
        (parameter, weights) -> weights.resolve(subnet.weights().get(parameter)),
        new Norms.OfBatch());
  }

  /**
   * A graph some of whose values are parameters that lie in the store under their names; batch
   * norms keep their statistics.
   *
   * @param seen what the graph sees of a stored tensor, by the value's name
   */
  public static Network of(OnnxGraph graph, Map<String, UnaryOperator<Tensor>> seen) {
    return new Network(
        Program.of(graph, seen.keySet()),
        (parameter, weights) -> seen.get(parameter).apply(weights.stored(parameter)),
        new Norms.Stored());
  }

  /** A graph as it is, without parameters: a teacher. */
  public static Network fixed(OnnxGraph graph) {
    return new Network(
        Program.of(graph, Set.of()),
        (parameter, _) -> {
          throw new IllegalStateException(parameter);
        },
        new Norms.Stored());
  }

  /** How its batch norms find mean and variance while it is trained. */
  Norms training() {
    return training;
  }

  /**
   * The values of its outputs. Tensors that it makes belong to the caller's pointer scope.
   *
   * @param inputs one an input of the graph; images larger than it takes are averaged down
   */
  public List<Tensor> run(List<Tensor> inputs, WeightStore store, Norms norms) {
    return run(inputs, store, norms, Precision.FLOAT32);
  }

  /** Likewise, with products in a precision where the network bears it. */
  List<Tensor> run(List<Tensor> inputs, WeightStore store, Norms norms, Precision precision) {
    Weights weights = new Weights(store);
    List<Tensor> fitted = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      fitted.add(fitted(inputs.get(i), program.inputs().get(i)));
    }
    return program.run(fitted, parameter -> source.of(parameter, weights), norms, precision);
  }

  private static Tensor fitted(Tensor input, ValueInfo wanted) {
    if (wanted.shape().size() != 4
        || !(wanted.shape().get(2) instanceof Dimension.Fixed(long height))
        || !(wanted.shape().get(3) instanceof Dimension.Fixed(long width))
        || input.size(2) <= height && input.size(3) <= width) {
      return input;
    }
    return adaptive_avg_pool2d(input, height, width);
  }

  @Override
  public void close() {
    program.close();
  }
}
