package dev.lathe.supernet.transfer;

import dev.lathe.data.Normalization;
import dev.lathe.data.picture.Preprocessing;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A trained classifier without its head: what its last linear layer saw.
 *
 * @param features from images as the data set normalises them to {@code [N, f]}
 * @param side of the images that it takes, in pixels
 */
public record Backbone(OnnxGraph features, int side) {
  private static final float[] IMAGENET_MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] IMAGENET_STD = {0.229f, 0.224f, 0.225f};
  private static final Set<String> BEHIND_HEADS =
      Set.of(
          "Softmax",
          "LogSoftmax",
          "Identity",
          "Sigmoid",
          "Cast",
          "DequantizeLinear",
          "QuantizeLinear");
  private static final String INPUT = "lathe_input";

  /**
   * Cuts a classifier's head off.
   *
   * @param model of one image input [n, 3, h, h]; without metadata of ours its input is taken to be
   *     normalised as torchvision's and timm's models want it
   * @param data how the images of the new task are normalised
   * @throws OnnxException naming the node that is no head
   */
  public static Backbone of(OnnxGraph model, Normalization data) {
    ValueInfo input = model.inputs().getFirst();
    int side = side(input);
    OnnxGraph graph = features(model);
    renormalise(graph, input, data);
    graph.metadata().clear();
    return new Backbone(graph, side);
  }

  /**
   * What a classifier's last linear layer sees, from images as the classifier takes them.
   *
   * @return a graph from them to vectors {@code [N, f]}, with the model's metadata
   * @throws OnnxException naming the node that is no head
   */
  public static OnnxGraph features(OnnxGraph model) {
    OnnxGraph graph = model.copy();
    OnnxNode head = head(graph);
    String features = head.inputs().getFirst();
    TensorType type = ShapeInference.infer(graph, 1).get(features);
    if (type == null || type.rank() != 2) {
      throw new OnnxException(
          "the head '%s' of the backbone takes no vector of features. Maybe export it with its pooling inside."
              .formatted(head.label()));
    }
    graph.outputs().forEach(output -> graph.removeOutput(output.name()));
    graph.addOutput(
        new ValueInfo(
            features, ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of(type.dim(1)))));
    graph.removeUnused();
    graph.forgetDeclared();
    return graph;
  }

  private static int side(ValueInfo input) {
    List<Dimension> shape = input.shape();
    if (shape.size() == 4
        && shape.get(1).equals(Dimension.of(3))
        && shape.get(2) instanceof Dimension.Fixed(long height)
        && shape.get(3).equals(Dimension.of(height))) {
      return (int) height;
    }
    throw new OnnxException(
        "the backbone's input '%s' is %s; it must be [N, 3, side, side] of a fixed side. Maybe export it with fixed sizes and a free batch."
            .formatted(input.name(), shape));
  }

  /** The last layer of weights before the output. */
  private static OnnxNode head(OnnxGraph graph) {
    String value = graph.outputs().getFirst().name();
    while (true) {
      String wanted = value;
      OnnxNode node =
          graph
              .producer(value)
              .orElseThrow(
                  () -> new OnnxException("no linear layer leads to '%s'.".formatted(wanted)));
      boolean biased =
          node.is("Add") && node.inputs().stream().anyMatch(in -> graph.constant(in).isPresent());
      if (node.isOneOf("Gemm", "MatMul")) {
        return node;
      }
      if (!biased && !BEHIND_HEADS.contains(node.opType())) {
        throw new OnnxException(
            "the backbone ends with '%s', which is no linear layer. Maybe it is not a classifier."
                .formatted(node.label()));
      }
      value =
          node.inputs().stream()
              .filter(in -> graph.constant(in).isEmpty())
              .findFirst()
              .orElseThrow();
    }
  }

  /** Puts an affine map in front, so that images come as those of the new task do. */
  private static void renormalise(OnnxGraph graph, ValueInfo input, Normalization data) {
    Optional<Preprocessing> own =
        Optional.ofNullable(graph.metadata().get(Preprocessing.KEY)).map(Preprocessing::parse);
    float[] mean = own.map(Preprocessing::mean).orElse(IMAGENET_MEAN);
    float[] std = own.map(Preprocessing::std).orElse(IMAGENET_STD);
    double scale = own.map(Preprocessing::scale).orElse(1 / 255.0) * 255;
    float[] factor = new float[3];
    float[] shift = new float[3];
    for (int c = 0; c < 3; c++) {
      factor[c] = (float) (data.std()[c] * scale / std[c]);
      shift[c] = (float) ((data.mean()[c] * scale - mean[c]) / std[c]);
    }
    String fresh = graph.freshName(INPUT);
    String scaled = graph.freshName("scaled");
    String renormalised = graph.freshName("renormalised");
    String by = graph.addConstant(TensorValue.floats("factor", factor, 1, 3, 1, 1));
    String add = graph.addConstant(TensorValue.floats("shift", shift, 1, 3, 1, 1));
    graph.redirect(input.name(), renormalised);
    graph.removeInput(input.name());
    graph.addInput(
        new ValueInfo(
            fresh,
            ElementType.FLOAT,
            List.of(
                Dimension.of("N"),
                input.shape().get(1),
                input.shape().get(2),
                input.shape().get(3))));
    graph.add(OnnxNode.of("Mul", scaled, List.of(fresh, by), List.of(scaled)));
    graph.add(OnnxNode.of("Add", renormalised, List.of(scaled, add), List.of(renormalised)));
  }
}
