package dev.lathe.graph;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The extent of a value behind the batch dimension, which is symbolic: [channels, height, width] of
 * an image, [features] of a vector.
 */
public record TensorShape(List<Integer> dimensions) {
  public TensorShape {
    dimensions = List.copyOf(dimensions);
  }

  public static TensorShape of(int... dimensions) {
    return new TensorShape(IntStream.of(dimensions).boxed().toList());
  }

  /** The first dimension behind the batch. */
  public int channels() {
    return dimensions.get(0);
  }

  /** Whether this is [channels, height, width]. */
  public boolean isImage() {
    return dimensions.size() == 3;
  }

  /** The number of elements an example. */
  public long elements() {
    return dimensions.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }

  @Override
  public String toString() {
    return dimensions.stream().map(String::valueOf).collect(Collectors.joining("×", "N×", ""));
  }
}
