package dev.lathe.compress.calibration;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.CompressionException;
import dev.lathe.data.NumpyArray;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.InputShapes;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Arrays as inputs, one an input by its name; the first dimension counts samples. An array of a
 * dimension more than its input has holds a whole input for each run. Samples come in an order
 * drawn from a seed.
 */
final class ArrayFeed implements CalibrationData {
  private final Map<String, NumpyArray> arrays;
  private final int[] order;

  private ArrayFeed(Map<String, NumpyArray> arrays, int[] order) {
    this.arrays = arrays;
    this.order = order;
  }

  /** The array of each input; those of targets are left out. */
  private static Map<String, NumpyArray> matched(OnnxGraph model, Map<String, NumpyArray> arrays) {
    Map<String, NumpyArray> values = new TreeMap<>(arrays);
    values.keySet().removeIf(name -> isTarget(name) && !isInput(model, name));
    List<ValueInfo> inputs = model.inputs();
    Map<String, NumpyArray> matched = new LinkedHashMap<>();
    if (inputs.size() == 1 && values.size() == 1) {
      matched.put(inputs.getFirst().name(), values.values().iterator().next());
      return matched;
    }
    for (ValueInfo input : inputs) {
      NumpyArray array = values.get(input.name());
      if (array == null) {
        throw new CompressionException(
            "the data have no array for input '%s', but %s. Maybe name the arrays as the inputs: %s."
                .formatted(
                    input.name(), values.keySet(), inputs.stream().map(ValueInfo::name).toList()));
      }
      matched.put(input.name(), array);
    }
    return matched;
  }

  private static boolean isInput(OnnxGraph model, String name) {
    return model.inputs().stream().anyMatch(input -> input.name().equals(name));
  }

  static boolean isTarget(String name) {
    return name.equals("label")
        || name.equals("labels")
        || name.equals("target")
        || name.equals("targets");
  }

  /** The target array, if there is one. */
  static Optional<NumpyArray> target(OnnxGraph model, Map<String, NumpyArray> arrays) {
    return arrays.entrySet().stream()
        .filter(entry -> isTarget(entry.getKey()) && !isInput(model, entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /** Sizes of open dimensions, by name, that the arrays have; those of samples left out. */
  static Map<String, Long> sizes(OnnxGraph model, Map<String, NumpyArray> arrays) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    matched(model, arrays)
        .forEach(
            (name, array) -> {
              List<Dimension> shape = shape(model, name);
              int extra = array.shape().length - shape.size();
              for (int i = extra == 0 ? 1 : 0; i < shape.size(); i++) {
                if ((extra == 0 || extra == 1)
                    && shape.get(i) instanceof Dimension.Symbolic(String symbol)) {
                  sizes.put(symbol, array.shape()[i + extra]);
                }
              }
            });
    return sizes;
  }

  private static List<Dimension> shape(OnnxGraph model, String input) {
    return model.inputs().stream()
        .filter(info -> info.name().equals(input))
        .findFirst()
        .orElseThrow()
        .shape();
  }

  /** Arrays for a model whose sizes are assumed as they say. */
  static ArrayFeed of(OnnxGraph model, Map<String, NumpyArray> arrays, long seed) {
    Map<String, NumpyArray> matched = matched(model, arrays);
    int samples = -1;
    for (Map.Entry<String, NumpyArray> entry : matched.entrySet()) {
      check(model, entry.getKey(), entry.getValue());
      if (samples >= 0 && samples != entry.getValue().samples()) {
        throw new CompressionException(
            "array '%s' has %d samples, another %d. Maybe their first dimensions do not count the same."
                .formatted(entry.getKey(), entry.getValue().samples(), samples));
      }
      samples = entry.getValue().samples();
    }
    if (samples < 1) {
      throw new CompressionException("the arrays have no samples. Maybe the file is empty.");
    }
    int[] order = new int[samples];
    Arrays.setAll(order, i -> i);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = samples - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
    return new ArrayFeed(matched, order);
  }

  private static void check(OnnxGraph model, String name, NumpyArray array) {
    List<Dimension> shape = shape(model, name);
    int extra = array.shape().length - shape.size();
    boolean fits = extra == 0 && !shape.isEmpty() || extra == 1;
    for (int i = extra == 0 ? 1 : 0; fits && i < shape.size(); i++) {
      long wanted =
          switch (shape.get(i)) {
            case Dimension.Fixed(long size) -> size;
            case Dimension.Symbolic(String symbol) ->
                model.assumed().getOrDefault(symbol, array.shape()[i + extra]);
          };
      fits = wanted == array.shape()[i + extra];
    }
    if (!fits) {
      throw new CompressionException(
          "array '%s' of shape %s does not fit the input, of %s for each run. Maybe its first dimension does not count samples."
              .formatted(
                  name,
                  Arrays.toString(array.shape()),
                  InputShapes.of(model, model.assumed()).types(model, 1).get(name)));
    }
  }

  /** Names of inputs that are the same in all samples. */
  List<String> constants() {
    List<String> names = new ArrayList<>();
    arrays.forEach(
        (name, array) -> {
          int elements = Math.toIntExact(array.elements());
          boolean same = true;
          for (int i = 1; i < elements && same; i++) {
            same = array.number(i) == array.number(0);
          }
          if (same) {
            names.add(name);
          }
        });
    return names;
  }

  /** Where a sample of this order lies in the file. */
  int place(int sample) {
    return order[sample];
  }

  @Override
  public int images() {
    return order.length;
  }

  @Override
  public int itemsARun(OnnxGraph model) {
    boolean whole =
        model.inputs().stream()
            .anyMatch(input -> arrays.get(input.name()).shape().length > input.shape().size());
    return whole ? 1 : InputShapes.batch(model);
  }

  @Override
  public Map<String, TensorValue> feed(OnnxGraph model, int from, int to) {
    Map<String, TensorValue> values = new LinkedHashMap<>();
    for (ValueInfo input : model.inputs()) {
      values.put(input.name(), tensor(input, arrays.get(input.name()), from, to));
    }
    return values;
  }

  private TensorValue tensor(ValueInfo input, NumpyArray array, int from, int to) {
    boolean whole = array.shape().length > input.shape().size();
    int size = Math.toIntExact(array.elements() / array.samples());
    int count = whole ? 1 : to - from;
    if (whole && to - from != 1) {
      throw new CompressionException(
          "array '%s' holds whole inputs, of which a run takes one.".formatted(input.name()));
    }
    ElementType type = input.type();
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(count * size, type.bits() / 8))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int sample = from; sample < from + count; sample++) {
      int start = order[sample] * size;
      for (int i = 0; i < size; i++) {
        put(out, input, array, start + i);
      }
    }
    long[] dims = array.shape().clone();
    if (whole) {
      dims = Arrays.copyOfRange(dims, 1, dims.length);
    } else {
      dims[0] = count;
    }
    return TensorValue.raw(input.name(), type, out.array(), dims);
  }

  private static void put(ByteBuffer out, ValueInfo input, NumpyArray array, int index) {
    if (!input.type().isFloating() && array.kind() == 'f') {
      throw new CompressionException(
          "input '%s' takes %s, its array has floating-point numbers. Maybe convert it with astype."
              .formatted(input.name(), input.type()));
    }
    switch (input.type()) {
      case FLOAT -> out.putFloat((float) array.number(index));
      case DOUBLE -> out.putDouble(array.number(index));
      case FLOAT16 -> out.putShort(Float.floatToFloat16((float) array.number(index)));
      case BFLOAT16 ->
          out.putShort((short) (Float.floatToRawIntBits((float) array.number(index)) >>> 16));
      case INT64, UINT64 -> out.putLong(array.integer(index));
      case INT32, UINT32 -> out.putInt((int) array.integer(index));
      case INT16, UINT16 -> out.putShort((short) array.integer(index));
      case INT8, UINT8, BOOL -> out.put((byte) array.integer(index));
      default ->
          throw new CompressionException(
              "input '%s' takes %s, which arrays cannot be.".formatted(input.name(), input.type()));
    }
  }
}
