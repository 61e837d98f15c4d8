package dev.lathe.compress;

import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Random inputs that fit a model: Gaussian numbers; integers that index a table of the model are
 * drawn from its rows; other integers and truth values, such as attention masks, are 1.
 */
public final class Noise implements CalibrationData {
  /** Symbolic dimensions other than the batch of which no size was given. */
  private static final long SIZE = 16;

  /**
   * One input.
   *
   * @param dims of one item; the first is 1
   * @param rows of the table that its integers index, 0 if there is none
   */
  private record Source(String name, ElementType type, long[] dims, long rows) {
    int size() {
      long size = 1;
      for (long dim : dims) {
        size = Math.multiplyExact(size, dim);
      }
      return Math.toIntExact(size);
    }

    long[] dims(int items) {
      long[] all = dims.clone();
      if (all.length > 0) {
        all[0] = items;
      }
      return all;
    }
  }

  private final List<Source> sources = new ArrayList<>();
  private final int items;
  private final long seed;

  private Noise(int items, long seed) {
    this.items = items;
    this.seed = seed;
  }

  /**
   * Noise for a model.
   *
   * @param sizes of symbolic dimensions other than the first, by name; 16 for others
   * @throws CompressionException if an input is of another type than float32, int32, int64 or bool
   */
  public static Noise of(OnnxGraph model, int items, long seed, Map<String, Long> sizes) {
    Noise noise = new Noise(items, seed);
    for (ValueInfo input : model.inputs()) {
      long[] dims = new long[input.shape().size()];
      for (int i = 0; i < dims.length; i++) {
        dims[i] =
            switch (input.shape().get(i)) {
              case Dimension.Fixed(long size) -> size;
              case Dimension.Symbolic(String symbol) -> sizes.getOrDefault(symbol, SIZE);
            };
      }
      if (dims.length > 0) {
        dims[0] = 1;
      }
      switch (input.type()) {
        case FLOAT, INT32, INT64, BOOL ->
            noise.sources.add(
                new Source(input.name(), input.type(), dims, rows(model, input.name())));
        default ->
            throw new CompressionException(
                "input '%s' is of type %s, which cannot be drawn. Maybe export the model with float32 inputs."
                    .formatted(input.name(), input.type()));
      }
    }
    return noise;
  }

  private static long rows(OnnxGraph model, String input) {
    for (OnnxNode reader : model.consumers(input)) {
      if (reader.is("Gather") && input.equals(reader.inputs().get(1))) {
        long axis = reader.integer("axis", 0);
        return model
            .constant(reader.inputs().getFirst())
            .map(table -> table.dim((int) (axis < 0 ? axis + table.rank() : axis)))
            .orElse(0L);
      }
      if (reader.is("Cast")) {
        return rows(model, reader.output());
      }
    }
    return 0;
  }

  @Override
  public int images() {
    return items;
  }

  @Override
  public float[] batch(int from, int to) {
    return floats(sources.getFirst(), from, to);
  }

  @Override
  public long[] shape(int n) {
    return sources.getFirst().dims(n);
  }

  @Override
  public Map<String, TensorValue> feed(OnnxGraph model, int from, int to) {
    Map<String, TensorValue> values = new LinkedHashMap<>();
    for (Source source : sources) {
      String name = source.name();
      long[] dims = source.dims(to - from);
      values.put(
          name,
          switch (source.type()) {
            case FLOAT -> TensorValue.floats(name, floats(source, from, to), dims);
            case INT64 -> TensorValue.int64(name, integers(source, from, to), dims);
            case INT32 ->
                TensorValue.int32(
                    name,
                    Arrays.stream(integers(source, from, to)).mapToInt(i -> (int) i).toArray(),
                    dims);
            default -> {
              byte[] ones = new byte[source.size() * (to - from)];
              Arrays.fill(ones, (byte) 1);
              yield TensorValue.raw(name, source.type(), ones, dims);
            }
          });
    }
    return values;
  }

  private float[] floats(Source source, int from, int to) {
    int size = source.size();
    float[] out = new float[Math.multiplyExact(to - from, size)];
    for (int item = from; item < to; item++) {
      SplittableRandom random = random(source, item);
      for (int i = 0; i < size; i++) {
        out[(item - from) * size + i] = (float) random.nextGaussian();
      }
    }
    return out;
  }

  private long[] integers(Source source, int from, int to) {
    int size = source.size();
    long[] out = new long[Math.multiplyExact(to - from, size)];
    for (int item = from; item < to; item++) {
      SplittableRandom random = random(source, item);
      for (int i = 0; i < size; i++) {
        out[(item - from) * size + i] = source.rows() == 0 ? 1 : random.nextLong(source.rows());
      }
    }
    return out;
  }

  private SplittableRandom random(Source source, int item) {
    return new SplittableRandom((seed * 31 + sources.indexOf(source)) * 1_000_003 + item);
  }
}
