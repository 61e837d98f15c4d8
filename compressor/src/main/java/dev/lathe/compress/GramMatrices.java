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
  private static final int SAMPLES_A_COLUMN = 4;
  private static final int MOST_ITEMS = 2048;

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
    int batch = Math.max(1, data.itemsARun(graph));
    Map<String, TensorType> types =
        ShapeInference.infer(graph, Feeds.symbols(graph, data.feed(graph, 0, batch)));
    List<OnnxNode> usable =
        nodes.stream()
            .filter(node -> node.integer("group", 1) == 1)
            .filter(node -> WeightedNode.of(graph, node).fanIn() <= LARGEST)
            .filter(node -> node.isOneOf("Conv", "Gemm", "MatMul"))
            .filter(node -> node.string("auto_pad", "NOTSET").equals("NOTSET"))
            .filter(node -> types.containsKey(node.inputs().getFirst()))
            .toList();
    List<String> inputs = usable.stream().map(node -> node.inputs().getFirst()).distinct().toList();
    Set<String> given = Feeds.names(graph);
    SplittableRandom random = new SplittableRandom(17);
    Map<String, Samples> samples = new HashMap<>();
    int count = Math.min(Math.max(images, batch), data.images());
    try (OrtModel model =
        OrtModel.open(
            graph,
            OrtModel.Options.DEPLOYED,
            inputs.stream().filter(value -> !given.contains(value)).toList())) {
      long wanted = 0;
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
          add(gram, rows, size);
          samples.computeIfAbsent(node.output(), key -> new Samples()).add(rows);
          wanted = Math.max(wanted, (long) SAMPLES_A_COLUMN * size * batch / rows.length);
        }
        if (from == 0) {
          // A sample an item says little of many columns: then there are more items.
          count = Math.min(data.images(), Math.max(count, (int) Math.min(wanted, MOST_ITEMS)));
        }
      }
    }
    grams.forEach((output, gram) -> samples.get(output).finish(gram));
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
    int axes = dims.length - 2;
    int channels = (int) dims[1];
    long[] ones = new long[axes];
    java.util.Arrays.fill(ones, 1);
    long[] strides = node.ints("strides", ones);
    long[] dilations = node.ints("dilations", ones);
    long[] pads = node.ints("pads", new long[2 * axes]);
    int[] out = new int[axes];
    int total = 1;
    int kernel = 1;
    int plane = 1;
    for (int axis = 0; axis < axes; axis++) {
      long reach = dilations[axis] * (weighted.dims()[2 + axis] - 1) + 1;
      out[axis] =
          (int) ((dims[2 + axis] + pads[axis] + pads[axes + axis] - reach) / strides[axis] + 1);
      total *= out[axis];
      kernel *= (int) weighted.dims()[2 + axis];
      plane *= (int) dims[2 + axis];
    }
    float[][] rows = new float[Math.min(total, POSITIONS_AN_IMAGE)][weighted.fanIn()];
    for (int r = 0; r < rows.length; r++) {
      int position = total <= rows.length ? r : random.nextInt(total);
      for (int k = 0; k < kernel; k++) {
        int at = place(position, k, out, weighted.dims(), dims, strides, dilations, pads);
        for (int c = 0; at >= 0 && c < channels; c++) {
          rows[r][c * kernel + k] = x[c * plane + at];
        }
      }
    }
    return rows;
  }

  /**
   * Where in a plane the {@code k}-th weight of a kernel reads for an output; −1 in the padding.
   */
  private static int place(
      int position,
      int k,
      int[] out,
      long[] weight,
      long[] dims,
      long[] strides,
      long[] dilations,
      long[] pads) {
    int at = 0;
    int scale = 1;
    int positionLeft = position;
    int kernelLeft = k;
    for (int axis = out.length - 1; axis >= 0; axis--) {
      long size = dims[2 + axis];
      long start = positionLeft % out[axis] * strides[axis] - pads[axis];
      long found = start + kernelLeft % weight[2 + axis] * dilations[axis];
      if (found < 0 || found >= size) {
        return -1;
      }
      at += (int) found * scale;
      scale *= (int) size;
      positionLeft /= out[axis];
      kernelLeft /= (int) weight[2 + axis];
    }
    return at;
  }

  private static void add(double[] gram, float[][] rows, int size) {
    for (float[] row : rows) {
      for (int i = 0; i < size; i++) {
        double scaled = row[i];
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

  /**
   * How sure a Gram matrix is. What single samples say of pairs of columns is partly chance: it is
   * made less by the share that is (Ledoit and Wolf: A well-conditioned estimator for
   * large-dimensional covariance matrices, 2004, doi:10.1016/S0047-259X(03)00096-4, with the
   * diagonal as the target).
   */
  private static final class Samples {
    private long count;
    private double fourth;

    void add(float[][] rows) {
      for (float[] row : rows) {
        double squares = 0;
        double fourths = 0;
        for (float value : row) {
          double square = (double) value * value;
          squares += square;
          fourths += square * square;
        }
        fourth += squares * squares - fourths;
        count++;
      }
    }

    /** Divides sums by their number, and shrinks what is off the diagonal. */
    void finish(double[] gram) {
      int size = (int) Math.round(Math.sqrt(gram.length));
      double off = 0;
      for (int i = 0; i < gram.length; i++) {
        gram[i] /= count;
        off += i / size == i % size ? 0 : gram[i] * gram[i];
      }
      double chance = (fourth / count - off) / count;
      double kept = off > 0 ? 1 - Math.clamp(chance / off, 0, 1) : 0;
      for (int i = 0; i < gram.length; i++) {
        gram[i] *= i / size == i % size ? 1 : kept;
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
