package dev.lathe.onnx;

import java.util.List;
import java.util.SplittableRandom;

/** Models for tests, with weights from a fixed seed. */
final class SmallModels {
  private SmallModels() {}

  /** [N, 3, 8, 8] → Conv 4@3x3 → Relu → GlobalAveragePool → Flatten → Gemm → [N, 5]. */
  static OnnxGraph convolutional() {
    OnnxGraph graph = OnnxGraph.create("small", 17);
    graph.addInput(
        new ValueInfo(
            "input",
            ElementType.FLOAT,
            List.of(Dimension.of("N"), Dimension.of(3), Dimension.of(8), Dimension.of(8))));
    graph.addInitializer(TensorValue.floats("w", random(4 * 3 * 9, 1), 4, 3, 3, 3));
    graph.addInitializer(TensorValue.floats("b", random(4, 2), 4));
    graph.addInitializer(TensorValue.floats("v", random(5 * 4, 3), 5, 4));
    graph.addInitializer(TensorValue.floats("c", random(5, 4), 5));
    graph.add(
        OnnxNode.of(
            "Conv",
            "conv",
            List.of("input", "w", "b"),
            List.of("x0"),
            Attribute.ints("kernel_shape", 3, 3),
            Attribute.ints("pads", 1, 1, 1, 1)));
    graph.add(OnnxNode.of("Relu", "relu", List.of("x0"), List.of("x1")));
    graph.add(OnnxNode.of("GlobalAveragePool", "pool", List.of("x1"), List.of("x2")));
    graph.add(OnnxNode.of("Flatten", "flatten", List.of("x2"), List.of("x3")));
    graph.add(
        OnnxNode.of(
            "Gemm",
            "head",
            List.of("x3", "v", "c"),
            List.of("logits"),
            Attribute.integer("transB", 1)));
    graph.addOutput(
        new ValueInfo("logits", ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of(5))));
    return graph;
  }

  static float[] random(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
