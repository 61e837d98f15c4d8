package dev.lathe.space.transformer;

import dev.lathe.graph.Initializer;
import dev.lathe.graph.TensorSpec;
import dev.lathe.onnx.TensorValue;
import dev.lathe.space.mobile.MobileProgram;
import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;
import dev.lathe.space.program.SpaceProgram;
import java.util.List;
import java.util.Optional;

/** The networks of a {@link TransformerSpec}: convolutions, patches, layers, classifier. */
record TransformerProgram(TransformerSpec spec, int classes) implements SpaceProgram {
  @Override
  public void build(NetworkBuilder network) {
    int side = network.choice("resolution", spec.resolutions());
    String x = network.input("input", spec.channels(), side, side);
    if (spec.stem().isPresent()) {
      x = MobileProgram.stem(network, spec.stem().get(), x);
    }
    for (int s = 0; s < spec.stages().size(); s++) {
      x = MobileProgram.stage(network, "stage" + (s + 1), spec.stages().get(s), x);
    }
    x = embedded(network, x);
    int depth = network.choice("depth", spec.depths());
    for (int layer = 1; layer <= depth; layer++) {
      x = layer(network, "layer" + layer, layer, depth, x);
    }
    x = Tokens.norm(network, "norm", x);
    int features = Tokens.features(network, x);
    x = Tokens.slice(network, "class", x, 1, 0, 1);
    x = Tokens.reshape(network, "features", x, 0, features);
    network.same("norm", "features");
    network.output(network.linear("logits", "classifier", x, classes));
  }

  /**
   * Patches as tokens, before them an empty one to which the first position gives the class token.
   * Positions are learned, for each number of patches its own.
   */
  private String embedded(NetworkBuilder network, String image) {
    int patch = network.choice("patch", spec.patches());
    int width = network.choice("width", spec.widths());
    String x = network.conv("patches" + patch, image, Conv.patches(width, patch));
    int[] map = network.shape(x);
    int tokens = map[2] * map[3];
    String flat = Tokens.reshape(network, "tokens.flat", x, 0, width, tokens);
    String y = Tokens.transpose(network, "tokens", flat, 0, 2, 1);
    long[] before = {0, 1, 0, 0, 0, 0};
    String pads = network.constant(TensorValue.int64("class.pads", before, before.length));
    y = network.emit("Pad", "tokens.class", List.of(y, pads));
    String tensor = "positions" + tokens;
    TensorSpec positions =
        TensorSpec.vector(List.of(tokens + 1, width), new Initializer.TruncatedNormal(0.02));
    String position = network.weight("positions", network.leading(tensor, positions));
    network.same(x, "embedded");
    network.carries("embedded", tensor, 1, width);
    return network.emit("Add", "embedded", List.of(y, position));
  }

  private String layer(NetworkBuilder network, String name, int number, int depth, String input) {
    int heads = network.choice(name + ".heads", spec.heads());
    double ratio = network.choice(name + ".ratio", spec.ratios());
    Optional<TransformerSpec.Keep> keep =
        spec.keep().filter(found -> found.layers().contains(number) && number < depth);
    String normed = Tokens.norm(network, name + ".norm1", input);
    Attention.Result attention =
        new Attention(network, name + ".attention", heads, spec.headSize()).of(normed);
    String x = sum(network, name + ".add1", input, attention.tokens());
    if (keep.isPresent()) {
      double rate = network.choice(name + ".keep", keep.get().rates());
      if (rate < 1) {
        x = Attention.reduce(network, name + ".reduced", x, attention.weights(), rate);
      }
    }
    String y = Tokens.norm(network, name + ".norm2", x);
    return sum(network, name + ".add2", x, perceptron(network, name + ".mlp", y, ratio));
  }

  private static String sum(NetworkBuilder network, String name, String left, String right) {
    network.same(left, right);
    network.same(left, name);
    return network.emit("Add", name, List.of(left, right));
  }

  private static String perceptron(NetworkBuilder network, String name, String x, double ratio) {
    int features = Tokens.features(network, x);
    int hidden = Math.max(8, (int) (features * ratio + 4) / 8 * 8);
    network.carries(x, name + ".in.weight", 0, features);
    network.makes(name + ".in", name + ".in.weight", 1, hidden);
    network.carries(name + ".in", name + ".in.bias", 0, hidden);
    network.carries(name + ".act", name + ".out.weight", 0, hidden);
    network.makes(name + ".out", name + ".out.weight", 1, features);
    network.carries(name + ".out", name + ".out.bias", 0, features);
    String y =
        Tokens.product(
            network,
            name + ".in",
            x,
            Tokens.matrix(network, name + ".in.weight", features, hidden),
            Tokens.vector(network, name + ".in.bias", hidden));
    y = network.gelu(name + ".act", y);
    return Tokens.product(
        network,
        name + ".out",
        y,
        Tokens.matrix(network, name + ".out.weight", hidden, features),
        Tokens.vector(network, name + ".out.bias", features));
  }
}
