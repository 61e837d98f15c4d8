package dev.lathe.supernet;

import dev.lathe.onnx.TensorValue;
import dev.lathe.supernet.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;

/** Arrays and token ids: one tensor an input of the network, its first dimension the examples. */
public final class ArrayExamples implements Examples {
  private final int size;
  private final List<Column> inputs;
  private final Optional<Column> targets;

  /** One input, or the targets: real numbers or whole ones, [size, dims…]. */
  private record Column(float[] reals, long[] wholes, long[] dims) {
    static Column of(TensorValue value) {
      boolean real = value.type().isFloating();
      return new Column(
          real ? value.floats() : new float[0],
          real ? new long[0] : value.longs(),
          Arrays.copyOfRange(value.dims(), 1, value.rank()));
    }

    Tensor rows(int[] indices) {
      int each = (int) Arrays.stream(dims).reduce(1, Math::multiplyExact);
      long[] shape = new long[dims.length + 1];
      shape[0] = indices.length;
      System.arraycopy(dims, 0, shape, 1, dims.length);
      if (wholes.length > 0) {
        long[] taken = new long[indices.length * each];
        for (int i = 0; i < indices.length; i++) {
          System.arraycopy(wholes, indices[i] * each, taken, i * each, each);
        }
        return Torch.scopedLongs(taken).reshape(shape);
      }
      float[] taken = new float[indices.length * each];
      for (int i = 0; i < indices.length; i++) {
        System.arraycopy(reals, indices[i] * each, taken, i * each, each);
      }
      return Torch.scopedFloats(taken, shape);
    }
  }

  /**
   * Examples.
   *
   * @param inputs one an input of the network, in its order, [size, …]
   * @param targets [size] or [size, …]; empty where a teacher tells
   * @throws IllegalArgumentException if their first dimensions differ
   */
  public ArrayExamples(List<TensorValue> inputs, Optional<TensorValue> targets) {
    this.size = Math.toIntExact(inputs.getFirst().dim(0));
    for (TensorValue value : inputs) {
      check(value);
    }
    targets.ifPresent(this::check);
    this.inputs = inputs.stream().map(Column::of).toList();
    this.targets = targets.map(Column::of);
  }

  private void check(TensorValue value) {
    if (value.rank() < 1 || value.dim(0) != size) {
      throw new IllegalArgumentException(
          "array '%s' has shape %s, its first dimension should be the %d examples."
              .formatted(value.name(), Arrays.toString(value.dims()), size));
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Batch batch(int[] indices, RandomGenerator random) {
    return new Batch(
        inputs.stream().map(column -> column.rows(indices)).toList(),
        targets.map(column -> column.rows(indices)));
  }
}
