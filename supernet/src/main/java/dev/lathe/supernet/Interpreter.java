package dev.lathe.supernet;

import static org.bytedeco.pytorch.global.torch.adaptive_avg_pool2d;
import static org.bytedeco.pytorch.global.torch.avg_pool2d;
import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.hardsigmoid;
import static org.bytedeco.pytorch.global.torch.hardswish;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.relu6;

import dev.lathe.graph.NetworkGraph;
import dev.lathe.graph.Node;
import dev.lathe.graph.NormStatistics;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Operator.BatchNorm;
import dev.lathe.graph.Operator.Conv2d;
import dev.lathe.graph.Operator.Pool2d;
import dev.lathe.graph.TensorShape;
import dev.lathe.graph.WeightRef;
import dev.lathe.supernet.program.NormEstimate;
import dev.lathe.supernet.tensor.Torch;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRef;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;

/** Runs a network graph on libtorch. Tensors it makes belong to the caller's pointer scope. */
final class Interpreter {
  private static final double MOMENTUM = 0.1;

  private final WeightStore store;
  private final Norms norms;
  private Weights weights;

  /** How batch norms find mean and variance. */
  sealed interface Norms {
    /** From the batch at hand: training. */
    record OfBatch() implements Norms {}

    /** From given statistics: evaluation. */
    record Given(NormStatistics statistics) implements Norms {}

    /** From the batch at hand, averaged into an estimate. */
    record Estimated(NormEstimate estimate) implements Norms {}
  }

  Interpreter(WeightStore store, Norms norms) {
    this.store = store;
    this.weights = new Weights(store);
    this.norms = norms;
  }

  /**
   * The value of the network's first output: logits, [n, classes].
   *
   * @param input images [n, c, h, w]; where the network takes smaller ones, they are averaged down
   */
  Tensor run(NetworkGraph graph, Tensor input) {
    weights = new Weights(store);
    Map<String, Tensor> values = new HashMap<>();
    Map.Entry<String, TensorShape> first = graph.inputs().entrySet().iterator().next();
    values.put(first.getKey(), fitted(input, first.getValue()));
    for (Node node : graph.nodes()) {
      values.put(node.output(), compute(node, values));
    }
    return values.get(graph.outputs().getFirst());
  }

  private static Tensor fitted(Tensor input, TensorShape wanted) {
    long height = wanted.dimensions().get(1);
    long width = wanted.dimensions().get(2);
    return input.size(2) == height && input.size(3) == width
        ? input
        : adaptive_avg_pool2d(input, height, width);
  }

  private Tensor compute(Node node, Map<String, Tensor> values) {
    Tensor x = values.get(node.inputs().getFirst());
    return switch (node.operator()) {
      case Conv2d conv -> {
        long stride = conv.stride();
        long padding = conv.padding();
        yield conv2d(
            x,
            weights.resolve(conv.weight()),
            optional(conv.bias()),
            new long[] {stride, stride},
            new long[] {padding, padding},
            new long[] {1, 1},
            conv.groups());
      }
      case Operator.Linear dense ->
          linear(x, weights.resolve(dense.weight()), optional(dense.bias()));
      case BatchNorm norm -> normalize(node.name(), norm, x);
      case Operator.Activate activate ->
          switch (activate.function()) {
            case RELU -> relu(x);
            case RELU6 -> relu6(x);
            case HARD_SWISH -> hardswish(x);
            case HARD_SIGMOID -> hardsigmoid(x);
          };
      case Pool2d pool -> pool(pool, x);
      case Operator.GlobalAveragePool _ -> x.mean(new long[] {2, 3}, true, noType());
      case Operator.Flatten _ -> x.flatten(1, -1);
      case Operator.Add _ -> x.add(values.get(node.inputs().get(1)));
      case Operator.Multiply _ -> x.mul(values.get(node.inputs().get(1)));
      case Operator.Concat _ -> {
        TensorVector parts =
            new TensorVector(node.inputs().stream().map(values::get).toArray(Tensor[]::new));
        yield cat(new TensorArrayRef(parts), 1);
      }
    };
  }

  private static org.bytedeco.pytorch.ScalarTypeOptional noType() {
    return new org.bytedeco.pytorch.ScalarTypeOptional();
  }

  private static Tensor pool(Pool2d pool, Tensor x) {
    long[] kernel = {pool.kernel(), pool.kernel()};
    long[] stride = {pool.stride(), pool.stride()};
    long[] padding = {pool.padding(), pool.padding()};
    return switch (pool.kind()) {
      case MAXIMUM -> max_pool2d(x, kernel, stride, padding, new long[] {1, 1}, false);
      case AVERAGE ->
          avg_pool2d(
              x, kernel, stride, padding, false, false, new org.bytedeco.pytorch.LongOptional());
    };
  }

  private TensorOptional optional(Optional<WeightRef> reference) {
    return reference.isEmpty()
        ? new TensorOptional()
        : new TensorOptional(weights.resolve(reference.get()));
  }

  private Tensor normalize(String node, BatchNorm norm, Tensor x) {
    TensorOptional scale = new TensorOptional(weights.resolve(norm.scale()));
    TensorOptional shift = new TensorOptional(weights.resolve(norm.shift()));
    return switch (norms) {
      case Norms.OfBatch _ -> {
        TensorOptional none = new TensorOptional();
        yield batch_norm(x, scale, shift, none, none, true, MOMENTUM, norm.epsilon(), false);
      }
      case Norms.Given given -> {
        NormStatistics.Moments moments = given.statistics().of(node);
        TensorOptional mean =
            new TensorOptional(Torch.scopedFloats(moments.mean(), moments.mean().length));
        TensorOptional variance =
            new TensorOptional(Torch.scopedFloats(moments.variance(), moments.variance().length));
        yield batch_norm(x, scale, shift, mean, variance, false, MOMENTUM, norm.epsilon(), false);
      }
      case Norms.Estimated estimated -> {
        NormEstimate.Running running = estimated.estimate().of(node, (int) x.size(1));
        yield batch_norm(
            x,
            scale,
            shift,
            new TensorOptional(running.mean()),
            new TensorOptional(running.variance()),
            true,
            estimated.estimate().momentum(),
            norm.epsilon(),
            false);
      }
    };
  }
}
