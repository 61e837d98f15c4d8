package dev.lathe.supernet.transfer;

import dev.lathe.data.Accuracy;
import dev.lathe.data.DataSet;
import dev.lathe.data.LabelledImages;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.supernet.Workers;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Fixed features and a linear classifier on them as one ONNX graph, which gives one logit a class.
 *
 * @param side of the images that it takes, in pixels
 * @param crossValidated accuracy on training images that the classifier of their fold did not see
 */
public record LinearNetwork(OnnxGraph graph, int side, Accuracy crossValidated) {
  /**
   * Fits a classifier to the training images of a data set.
   *
   * @param features a graph from images [N, 3, side, side] to vectors [N, f]
   * @param most training images that are used
   * @param workers on which it is fitted
   */
  public static LinearNetwork fit(
      OnnxGraph features, int side, DataSet data, int most, long seed, Workers workers) {
    LabelledImages train = data.train();
    LabelledImages some =
        train.size() <= most ? train : train.subset(IntStream.range(0, most).toArray());
    ImageFeatures found =
        ImageFeatures.of(
            features, some.resized(side, side), data.normalization(), data.horizontalFlip());
    int classes = data.classes().size();
    LinearHead head =
        LinearHead.fit(found.rows(), found.labels(), found.groups(), classes, seed, workers);
    return new LinearNetwork(attach(features, head, classes), side, head.crossValidated());
  }

  private static OnnxGraph attach(OnnxGraph features, LinearHead head, int classes) {
    OnnxGraph graph = features.copy();
    String vector = graph.outputs().getFirst().name();
    int f = head.weights().length;
    float[] flat = new float[f * classes];
    for (int i = 0; i < f; i++) {
      System.arraycopy(head.weights()[i], 0, flat, i * classes, classes);
    }
    String weights = graph.addConstant(TensorValue.floats("head.weight", flat, f, classes));
    String bias = graph.addConstant(TensorValue.floats("head.bias", head.bias(), classes));
    String logits = graph.freshName("logits");
    graph.add(
        OnnxNode.of(
            "Gemm",
            graph.freshName("head"),
            List.of(vector, weights, bias),
            List.of(logits),
            Attribute.integer("transB", 0)));
    graph.removeOutput(vector);
    graph.addOutput(
        new ValueInfo(
            logits, ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of(classes))));
    return graph;
  }
}
