package dev.lathe.farm.fpga;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.CompressionException;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Standard normal inputs for a model of one input: for figures that do not depend on data. */
final class NoiseImages implements CalibrationData {
  private final int images;
  private final long seed;
  private final long[] item;

  NoiseImages(OnnxGraph graph, int images, long seed) {
    if (graph.inputs().size() != 1) {
      throw new CompressionException(
          "an array takes models of one input, this has %d.".formatted(graph.inputs().size()));
    }
    List<Dimension> shape = graph.inputs().getFirst().shape();
    this.images = images;
    this.seed = seed;
    this.item = new long[Math.max(0, shape.size() - 1)];
    for (int i = 0; i < item.length; i++) {
      item[i] = shape.get(i + 1) instanceof Dimension.Fixed(long size) ? size : 1;
    }
  }

  @Override
  public int images() {
    return images;
  }

  @Override
  public Map<String, TensorValue> feed(OnnxGraph model, int from, int to) {
    long[] shape = new long[item.length + 1];
    shape[0] = (long) to - from;
    System.arraycopy(item, 0, shape, 1, item.length);
    int size = 1;
    for (long dim : item) {
      size = Math.multiplyExact(size, Math.toIntExact(dim));
    }
    float[] values = new float[(to - from) * size];
    for (int n = from; n < to; n++) {
      SplittableRandom random = new SplittableRandom(seed + n);
      for (int i = 0; i < size; i++) {
        values[(n - from) * size + i] = (float) random.nextGaussian();
      }
    }
    String name = model.inputs().getFirst().name();
    return Map.of(name, TensorValue.floats(name, values, shape));
  }
}
