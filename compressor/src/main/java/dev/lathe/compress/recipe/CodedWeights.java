package dev.lathe.compress.recipe;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.GramMatrices;
import dev.lathe.compress.Simplification;
import dev.lathe.compress.WeightRows;
import dev.lathe.compress.WeightedNode;
import dev.lathe.compress.codebook.DataAwareCode;
import dev.lathe.compress.codebook.VectorCode;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Writes weights as codes and a codebook: Cast(codes) → Gather(codebook) → [MatMul(basis)] →
 * Reshape, which ONNX Runtime computes once, when it loads the model.
 */
final class CodedWeights {
  private static final int LEAST_ELEMENTS = 1024;
  private static final int GRAM_IMAGES = 64;
  private static final int ROUNDS = 8;

  private CodedWeights() {}

  static Compressor.Outcome apply(
      OnnxGraph original, CompressionStep.Codebook step, CalibrationData data) {
    OnnxGraph graph = Simplification.of(original);
    List<OnnxNode> coded = WeightRows.nodes(graph, LEAST_ELEMENTS);
    Map<String, double[]> grams =
        step.dataAware() ? GramMatrices.collect(graph, coded, data, GRAM_IMAGES) : Map.of();
    int nodes = 0;
    long bits = 0;
    long weights = 0;
    double error = 0;
    double signal = 0;
    for (OnnxNode node : coded) {
      TensorValue weight = graph.initializer(node.inputs().get(1)).orElseThrow();
      int length = pieceLength(weight, step.length());
      if (length == 0) {
        continue;
      }
      float[] values = weight.floats();
      // A codebook must pay for itself.
      int clusters = Math.min(step.clusters(), values.length / length / 4);
      if (clusters < 2) {
        continue;
      }
      double[] pieces = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        pieces[i] = values[i];
        signal += pieces[i] * pieces[i];
      }
      SplittableRandom random = new SplittableRandom(nodes + 1);
      VectorCode code =
          step.lowRank()
              ? VectorCode.lowRank(pieces, length, clusters, random)
              : VectorCode.plain(pieces, length, clusters, random);
      double[][] blocks = blocks(graph, node, length, grams);
      if (blocks.length > 0) {
        code = DataAwareCode.refine(code, pieces, blocks, ROUNDS);
      }
      write(graph, node, weight, code);
      nodes++;
      bits += code.bits(32);
      weights += values.length;
      error += code.squaredError(pieces);
    }
    graph.removeUnused();
    return Compressor.Outcome.of(
        graph,
        List.of(
            "%d nodes, %d weights in %d bytes: %.1f times smaller, weights at %.1f dB"
                .formatted(
                    nodes,
                    weights,
                    bits / 8,
                    32.0 * weights / Math.max(1, bits),
                    10 * Math.log10(signal / Math.max(error, 1e-300)))));
  }

  /**
   * The Gram matrices of the inputs of each piece of a row; none where they are not known, or
   * pieces do not run along the inputs.
   */
  private static double[][] blocks(
      OnnxGraph graph, OnnxNode node, int length, Map<String, double[]> grams) {
    WeightedNode weighted = WeightedNode.of(graph, node);
    double[] gram = grams.get(node.output());
    int columns = weighted.fanIn();
    if (gram == null || weighted.outputAxis() != 0 || columns % length != 0) {
      return new double[0][];
    }
    double[][] blocks = new double[columns / length][length * length];
    for (int b = 0; b < blocks.length; b++) {
      for (int i = 0; i < length; i++) {
        int from = (b * length + i) * columns + b * length;
        System.arraycopy(gram, from, blocks[b], i * length, length);
      }
    }
    return blocks;
  }

  /** A kernel for spatial convolutions, else the wanted length or the next that divides. */
  private static int pieceLength(TensorValue weight, int wanted) {
    if (weight.rank() == 4 && weight.dim(2) * weight.dim(3) > 1) {
      return (int) (weight.dim(2) * weight.dim(3));
    }
    for (int length = wanted; length > 1; length--) {
      if (weight.elements() % length == 0) {
        return length;
      }
    }
    return 0;
  }

  private static void write(OnnxGraph graph, OnnxNode node, TensorValue weight, VectorCode code) {
    String name = weight.name();
    byte[] codes = new byte[code.codes().length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) code.codes()[i];
    }
    String codeName = graph.freshName(name + "_i");
    String bookName = graph.freshName(name + "_c");
    String shapeName = graph.freshName(name + "_n");
    graph.addInitializer(TensorValue.uint8(codeName, codes, codes.length));
    graph.addInitializer(
        TensorValue.floats(
            bookName, floats(code.codebook()), code.clusters(), code.clusteringDimension()));
    graph.addInitializer(TensorValue.int64(shapeName, weight.dims(), weight.rank()));
    List<OnnxNode> nodes = new ArrayList<>();
    String wide = graph.freshName(name + "_l");
    nodes.add(
        OnnxNode.of(
            "Cast",
            "",
            List.of(codeName),
            List.of(wide),
            Attribute.integer("to", ElementType.INT32.code())));
    String pieces = graph.freshName(name + "_g");
    nodes.add(OnnxNode.of("Gather", "", List.of(bookName, wide), List.of(pieces)));
    if (code.basis().length > 0) {
      String basisName = graph.freshName(name + "_b");
      graph.addInitializer(
          TensorValue.floats(
              basisName, floats(code.basis()), code.clusteringDimension(), code.pieceLength()));
      String product = graph.freshName(name + "_p");
      nodes.add(OnnxNode.of("MatMul", "", List.of(pieces, basisName), List.of(product)));
      pieces = product;
    }
    String whole = graph.freshName(name + "_w");
    nodes.add(OnnxNode.of("Reshape", "", List.of(pieces, shapeName), List.of(whole)));
    nodes.add(node.withInput(1, whole));
    graph.replace(node, nodes);
  }

  private static float[] floats(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }
}
