package dev.lathe.space.transformer;

import dev.lathe.graph.WeightRef;
import dev.lathe.graph.WeightRef.Reshaped;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.TensorValue;
import dev.lathe.space.program.NetworkBuilder;
import java.util.List;

/**
 * Multi-head self-attention (Vaswani et al., arXiv 1706.03762). Queries, keys and values are one
 * product, whose weights are stored as [features, 3, heads, features of a head], so that fewer
 * heads are whole heads.
 *
 * @param name prefix of nodes and stored tensors
 * @param headSize features of a head
 */
record Attention(NetworkBuilder network, String name, int heads, int headSize) {
  /**
   * What attention gives.
   *
   * @param tokens [batch, tokens, features]
   * @param weights [batch, heads, tokens, tokens], rows sum to 1
   */
  record Result(String tokens, String weights) {}

  Result of(String x) {
    int features = Tokens.features(network, x);
    int tokens = Tokens.count(network, x);
    int inner = heads * headSize;
    tie(x, features);
    WeightRef weight = Tokens.matrix(network, name + ".qkv.weight", features, 3, heads, headSize);
    WeightRef bias = Tokens.vector(network, name + ".qkv.bias", 3, heads, headSize);
    String qkv =
        Tokens.product(
            network,
            name + ".qkv",
            x,
            new Reshaped(List.of(features, 3 * inner), weight),
            new Reshaped(List.of(3 * inner), bias));
    List<String> parts = network.parts(name + ".part", qkv, 2, List.of(inner, inner, inner));
    String q = heads("q", parts.get(0), tokens, 0, 2, 1, 3);
    String scale = "attention.scale" + headSize;
    float factor = (float) (1 / Math.sqrt(headSize));
    q = network.emit("Mul", name + ".scaled", List.of(q, network.scalar(scale, factor)));
    String k = heads("k", parts.get(1), tokens, 0, 2, 3, 1);
    String v = heads("v", parts.get(2), tokens, 0, 2, 1, 3);
    String scores = network.emit("MatMul", name + ".scores", List.of(q, k));
    String weights =
        network.emit("Softmax", name + ".softmax", List.of(scores), Attribute.integer("axis", -1));
    String y = network.emit("MatMul", name + ".mixed", List.of(weights, v));
    y = Tokens.transpose(network, name + ".together", y, 0, 2, 1, 3);
    y = Tokens.reshape(network, name + ".joined", y, 0, tokens, inner);
    WeightRef project = Tokens.matrix(network, name + ".project.weight", heads, headSize, features);
    y =
        Tokens.product(
            network,
            name + ".project",
            y,
            new Reshaped(List.of(inner, features), project),
            Tokens.vector(network, name + ".project.bias", features));
    return new Result(y, weights);
  }

  /** Heads may change places; so may features of tokens, with all that reads and makes them. */
  private void tie(String x, int features) {
    network.carries(x, name + ".qkv.weight", 0, features);
    network.makes(name + ".heads", name + ".qkv.weight", 2, heads);
    network.carries(name + ".heads", name + ".qkv.bias", 1, heads);
    network.carries(name + ".heads", name + ".project.weight", 0, heads);
    network.makes(name + ".project", name + ".project.weight", 2, features);
    network.carries(name + ".project", name + ".project.bias", 0, features);
  }

  private String heads(String part, String x, int tokens, long... order) {
    String y = Tokens.reshape(network, name + "." + part, x, 0, tokens, heads, headSize);
    return Tokens.transpose(network, name + "." + part + ".heads", y, order);
  }

  /**
   * Keeps the tokens to which the class token attends most, and sums up the others, each times its
   * attention, in one more (Liang et al., EViT, arXiv 2202.07800).
   *
   * @param x tokens of which the first is the class token
   * @param weights of the attention before
   * @param rate share of the others that is kept, in (0, 1)
   */
  static String reduce(NetworkBuilder network, String name, String x, String weights, double rate) {
    int others = Tokens.count(network, x) - 1;
    int kept = (int) Math.ceil(rate * others - 1e-9);
    String row = Tokens.slice(network, name + ".row", weights, 2, 0, 1);
    row = Tokens.slice(network, name + ".others", row, 3, 1, others + 1);
    String attention =
        network.emit(
            "ReduceMean",
            name + ".attention",
            List.of(row),
            Attribute.ints("axes", 1),
            Attribute.integer("keepdims", 0));
    String all = Tokens.slice(network, name + ".all", x, 1, 1, others + 1);
    String flat = Tokens.reshape(network, name + ".flat", attention, 0, others);
    String k = network.constant(TensorValue.int64(name + ".k", new long[] {kept}, 1));
    List<String> top = network.top(name + ".top", flat, k);
    String index = Tokens.reshape(network, name + ".index", top.get(1), 0, kept, 1);
    String full =
        network.constant(
            TensorValue.int64(
                name + ".size", new long[] {1, kept, Tokens.features(network, x)}, 3));
    String wide = network.emit("Expand", name + ".wide", List.of(index, full));
    String best =
        network.emit(
            "GatherElements", name + ".best", List.of(all, wide), Attribute.integer("axis", 1));
    String sum = network.emit("MatMul", name + ".sum", List.of(attention, all));
    String share = Tokens.reshape(network, name + ".share", top.get(0), 0, 1, kept);
    String counted = network.emit("MatMul", name + ".counted", List.of(share, best));
    String rest = network.emit("Sub", name + ".rest", List.of(sum, counted));
    String first = Tokens.slice(network, name + ".class", x, 1, 0, 1);
    network.same(x, name);
    return network.emit("Concat", name, List.of(first, best, rest), Attribute.integer("axis", 1));
  }
}
