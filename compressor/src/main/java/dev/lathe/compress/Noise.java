package dev.lathe.compress;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.InputShapes;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Random inputs that fit a model: Gaussian numbers; integers of as many values as the model tells
 * apart; other integers and truth values, such as attention masks, are 1.
 */
public final class Noise implements CalibrationData {
  /**
   * One input.
   *
   * @param dims of one run of one item
   * @param rows whether the first dimension counts items
   * @param values that its integers may have, from 0; 0 if all of them are 1
   */
  private record Source(String name, ElementType type, long[] dims, boolean rows, long values) {
    /** Elements of an item. */
    int size() {
      return Math.toIntExact(new TensorType(type, dims(1)).elements());
    }

    long[] dims(int items) {
      long[] all = dims.clone();
      if (rows) {
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
   * @param items that may be drawn
   * @throws CompressionException if an input is of a type that has no numbers
   */
  public static Noise of(OnnxGraph model, int items, long seed) {
    Noise noise = new Noise(items, seed);
    int batch = InputShapes.batch(model);
    InputShapes.of(model, model.assumed())
        .types(model, 1)
        .forEach(
            (name, type) -> {
              if (type.type().bits() < 8) {
                throw new CompressionException(
                    "input '%s' is of type %s, which cannot be drawn. Maybe calibrate with npz:FILE."
                        .formatted(name, type.type()));
              }
              // A first dimension that other inputs do not share is part of an item.
              boolean rows = type.rank() > 0 && (batch != 1 || type.dim(0) == 1);
              long values =
                  type.type().isFloating()
                      ? 0
                      : IntegerInputs.values(model, name).orElse(isByte(type.type()) ? 256 : 0);
              noise.sources.add(new Source(name, type.type(), type.dims(), rows, values));
            });
    return noise;
  }

  private static boolean isByte(ElementType type) {
    return type == ElementType.UINT8;
  }

  @Override
  public int images() {
    return items;
  }

  @Override
  public Map<String, TensorValue> feed(OnnxGraph model, int from, int to) {
    Map<String, TensorValue> values = new LinkedHashMap<>();
    for (Source source : sources) {
      values.put(
          source.name(),
          TensorValue.raw(
              source.name(),
              source.type(),
              bytes(source, from, source.rows() ? to : from + 1),
              source.dims(to - from)));
    }
    return values;
  }

  private byte[] bytes(Source source, int from, int to) {
    int size = source.size();
    int width = source.type().bits() / 8;
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(Math.multiplyExact(to - from, size), width))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int item = from; item < to; item++) {
      SplittableRandom random =
          new SplittableRandom((seed * 31 + sources.indexOf(source)) * 1_000_003 + item);
      for (int i = 0; i < size; i++) {
        put(out, source, random);
      }
    }
    return out.array();
  }

  private static void put(ByteBuffer out, Source source, SplittableRandom random) {
    switch (source.type()) {
      case FLOAT -> out.putFloat((float) random.nextGaussian());
      case DOUBLE -> out.putDouble(random.nextGaussian());
      case FLOAT16 -> out.putShort(Float.floatToFloat16((float) random.nextGaussian()));
      case BFLOAT16 ->
          out.putShort((short) (Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16));
      case INT64, UINT64 -> out.putLong(integer(source, random));
      case INT32, UINT32 -> out.putInt((int) integer(source, random));
      case INT16, UINT16 -> out.putShort((short) integer(source, random));
      default -> out.put((byte) integer(source, random));
    }
  }

  private static long integer(Source source, SplittableRandom random) {
    return source.values() == 0 ? 1 : random.nextLong(source.values());
  }
}
