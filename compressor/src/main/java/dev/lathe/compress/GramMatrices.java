package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What the weights of a node are multiplied with: G = XᵀX / n over samples X of its inputs, one row
 * a position of a convolution's window. Memory is K² numbers for a node with K weights a channel,
 * whatever the number of images; no activations are kept.
 */
public final class GramMatrices {
  private static final int POSITIONS_AN_IMAGE = 48;
  private static final int LARGEST = 1152;

  private GramMatrices() {}

  /**
   * Collects the Gram matrix of each node.
   *
   * @param nodes of {@code graph}, with constant weights; grouped convolutions, and nodes of more
   *     than 1 152 weights a channel, are left out
   * @return K × K row-major matrices by node output
   */
  public static Map<String, double[]> collect(
      OnnxGraph graph, List<OnnxNode> nodes, CalibrationData data, int images) {
    Map<String, double[]> grams = new HashMap<>();
    int batch = Math.max(1, ActivationStatistics.fixedBatch(graph));
    Map<String, TensorType> types =
        ShapeInference.infer(graph, Feeds.symbols(graph, data.feed(graph, 0, batch)));
    List<OnnxNode> usable =
        nodes.stream()
            .filter(node -> node.integer("group", 1) == 1)
            .filter(node -> WeightedNode.of(graph, node).fanIn() <= LARGEST)
            .filter(node -> types.containsKey(node.inputs().getFirst()))
            .toList();
    List<String> inputs = usable.stream().map(node -> node.inputs().getFirst()).distinct().toList();
    Set<String> given = Feeds.names(graph);
    SplittableRandom random = new SplittableRandom(17);
    int count = Math.min(images, data.images());
    try (OrtModel model =
        OrtModel.open(
            graph,
            OrtModel.Options.DEPLOYED,
            inputs.stream().filter(value -> !given.contains(value)).toList())) {
      for (int from = 0; from + batch <= count; from += batch) {
        Map<String, float[]> values = new HashMap<>();
        Map<String, TensorValue> feed = data.feed(graph, from, from + batch);
        feed.forEach((name, value) -> values.put(name, value.floats()));
        model.run(feed, (name, buffer) -> values.put(name, buffer.array()));
        for (OnnxNode node : usable) {
          String value = node.inputs().getFirst();
          WeightedNode weighted = WeightedNode.of(graph, node);
          int size = weighted.fanIn();
          double[] gram = grams.computeIfAbsent(node.output(), key -> new double[size * size]);
          float[][] rows =
              node.is("Conv")
                  ? windows(node, weighted, values.get(value), types.get(value).dims(), random)
                  : vectors(values.get(value), size, random);
          add(gram, rows, size, 1.0 / (count / batch * (double) rows.length));
        }
      }
    }
    return grams;
  }

  private static float[][] vectors(float[] values, int size, SplittableRandom random) {
    int count = values.length / size;
    float[][] rows = new float[Math.min(count, POSITIONS_AN_IMAGE)][];
    for (int i = 0; i < rows.length; i++) {
      int at = (count <= rows.length ? i : random.nextInt(count)) * size;
      rows[i] = java.util.Arrays.copyOfRange(values, at, at + size);
    }
    return rows;
  }

  private static float[][] windows(
      OnnxNode node, WeightedNode weighted, float[] x, long[] dims, SplittableRandom random) {
    int channels = (int) dims[1];
    int height = (int) dims[2];
    int width = (int) dims[3];
    int kernelHeight = (int) weighted.dims()[2];
    int kernelWidth = (int) weighted.dims()[3];
    long[] strides = node.ints("strides", 1, 1);
    long[] dilations = node.ints("dilations", 1, 1);
    long[] pads = node.ints("pads", 0, 0, 0, 0);
    int outHeight =
        (int)
            ((height + pads[0] + pads[2] - dilations[0] * (kernelHeight - 1) - 1) / strides[0] + 1);
    int outWidth =
        (int) ((width + pads[1] + pads[3] - dilations[1] * (kernelWidth - 1) - 1) / strides[1] + 1);
    int total = outHeight * outWidth;
    float[][] rows = new float[Math.min(total, POSITIONS_AN_IMAGE)][weighted.fanIn()];
    for (int r = 0; r < rows.length; r++) {
      int position = total <= rows.length ? r : random.nextInt(total);
      long top = position / outWidth * strides[0] - pads[0];
      long left = position % outWidth * strides[1] - pads[1];
      int at = 0;
      for (int c = 0; c < channels; c++) {
        for (int ky = 0; ky < kernelHeight; ky++) {
          for (int kx = 0; kx < kernelWidth; kx++, at++) {
            long y = top + ky * dilations[0];
            long z = left + kx * dilations[1];
            if (y >= 0 && y < height && z >= 0 && z < width) {
              rows[r][at] = x[(int) ((c * height + y) * width + z)];
            }
          }
        }
      }
    }
    return rows;
  }

  private static void add(double[] gram, float[][] rows, int size, double weight) {
    for (float[] row : rows) {
      for (int i = 0; i < size; i++) {
        double scaled = row[i] * weight;
        if (scaled == 0) {
          continue;
        }
        int at = i * size;
        for (int j = 0; j < size; j++) {
          gram[at + j] += scaled * row[j];
        }
      }
    }
  }

  /** The mean squared error of a node's outputs when its weight rows change: tr(D G Dᵀ). */
  public static double outputError(double[] difference, int rows, int columns, double[] gram) {
    double error = 0;
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < columns; i++) {
        double left = difference[row * columns + i];
        if (left == 0) {
          continue;
        }
        double sum = 0;
        for (int j = 0; j < columns; j++) {
          sum += gram[i * columns + j] * difference[row * columns + j];
        }
        error += left * sum;
      }
    }
    return error;
  }
}
