package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Balances the ranges of weights between consecutive convolutions, without changing what the
 * network computes: output channel i of the first is divided by s = sqrt(r1 / r2), input channel i
 * of the second multiplied by it, with r1 and r2 the largest magnitudes of the weights of that
 * channel on either side (Nagel et al.: Data-Free Quantization through Weight Equalization and Bias
 * Correction, 2019, arXiv:1906.04721). Between the two only a ReLU or nothing may stand.
 */
public final class CrossLayerEqualization {
  private static final int MAX_ROUNDS = 20;
  private static final double SETTLED = 1e-3;

  private CrossLayerEqualization() {}

  private record Pair(String first, String second) {}

  /** Balances a simplified graph in place; the number of pairs of layers it balanced. */
  public static int apply(OnnxGraph graph) {
    List<Pair> pairs = new ArrayList<>();
    for (OnnxNode node : graph.nodes()) {
      follower(graph, node).ifPresent(next -> pairs.add(new Pair(node.output(), next.output())));
    }
    for (int round = 0; round < MAX_ROUNDS; round++) {
      double change = 0;
      for (Pair pair : pairs) {
        change =
            Math.max(
                change,
                balance(
                    graph,
                    graph.producer(pair.first()).orElseThrow(),
                    graph.producer(pair.second()).orElseThrow()));
      }
      if (change < SETTLED) {
        break;
      }
    }
    return pairs.size();
  }

  private static Optional<OnnxNode> follower(OnnxGraph graph, OnnxNode node) {
    if (!isConvolution(graph, node)) {
      return Optional.empty();
    }
    Optional<OnnxNode> next = onlyReader(graph, node);
    if (next.isPresent() && next.get().is("Relu")) {
      next = onlyReader(graph, next.get());
    }
    return next.filter(candidate -> isConvolution(graph, candidate));
  }

  private static Optional<OnnxNode> onlyReader(OnnxGraph graph, OnnxNode node) {
    List<OnnxNode> readers = graph.consumers(node.output());
    return readers.size() == 1 && !graph.isOutput(node.output())
        ? Optional.of(readers.getFirst())
        : Optional.empty();
  }

  private static boolean isConvolution(OnnxGraph graph, OnnxNode node) {
    return node.is("Conv")
        && graph.initializer(node.inputs().get(1)).isPresent()
        && graph.consumers(node.inputs().get(1)).size() == 1
        && node.input(2).flatMap(graph::initializer).isPresent()
        && graph.consumers(node.inputs().get(2)).size() == 1;
  }

  /** Balances one pair; the largest relative change of a channel's scale. */
  private static double balance(OnnxGraph graph, OnnxNode firstNode, OnnxNode secondNode) {
    WeightedNode first = WeightedNode.of(graph, firstNode);
    WeightedNode second = WeightedNode.of(graph, secondNode);
    int channels = first.channels();
    double[] incoming = new double[channels];
    for (int channel = 0; channel < second.channels(); channel++) {
      for (int k = 0; k < second.fanIn(); k++) {
        int input = second.inputChannel(channel, k);
        incoming[input] =
            Math.max(incoming[input], Math.abs(second.weight()[second.index(channel, k)]));
      }
    }
    double[] scales = new double[channels];
    double change = 0;
    for (int channel = 0; channel < channels; channel++) {
      double outgoing = 0;
      for (float weight : first.channel(channel)) {
        outgoing = Math.max(outgoing, Math.abs(weight));
      }
      boolean dead = outgoing < 1e-12 || incoming[channel] < 1e-12;
      scales[channel] = dead ? 1 : Math.sqrt(outgoing / incoming[channel]);
      change = Math.max(change, Math.abs(scales[channel] - 1));
    }
    float[] firstWeights = first.weight();
    float[] bias = first.bias();
    for (int channel = 0; channel < channels; channel++) {
      for (int k = 0; k < first.fanIn(); k++) {
        firstWeights[first.index(channel, k)] /= (float) scales[channel];
      }
      bias[channel] /= (float) scales[channel];
    }
    float[] secondWeights = second.weight();
    for (int channel = 0; channel < second.channels(); channel++) {
      for (int k = 0; k < second.fanIn(); k++) {
        secondWeights[second.index(channel, k)] *= (float) scales[second.inputChannel(channel, k)];
      }
    }
    put(graph, firstNode.inputs().get(1), firstWeights, first.dims());
    put(graph, firstNode.inputs().get(2), bias, channels);
    put(graph, secondNode.inputs().get(1), secondWeights, second.dims());
    return change;
  }

  private static void put(OnnxGraph graph, String name, float[] values, long... dims) {
    graph.addInitializer(TensorValue.floats(name, values, dims));
  }
}
