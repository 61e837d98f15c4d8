package dev.lathe.onnx;

import java.util.Arrays;

/**
 * Element type and shape of a tensor, all dimensions known.
 *
 * @param type of the elements
 * @param dims sizes, outermost first; empty for a scalar
 */
public record TensorType(ElementType type, long... dims) {
  public TensorType {
    dims = dims.clone();
  }

  @Override
  public long[] dims() {
    return dims.clone();
  }

  /** The number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /** The size of one dimension; negative axes count from the last. */
  public long dim(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  /**
   * The number of elements.
   *
   * @throws OnnxException if it overflows 63 bits
   */
  public long elements() {
    return elements(dims);
  }

  /** Bytes of the tensor, elements below a byte packed. */
  public long bytes() {
    return type.bytes(elements());
  }

  static long elements(long... dims) {
    long product = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new OnnxException("a tensor has the negative dimension %d.".formatted(dim));
      }
      if (dim != 0 && product > (Long.MAX_VALUE / 16) / dim) {
        throw new OnnxException(
            "a tensor of shape %s has too many elements. Maybe the file is damaged."
                .formatted(Arrays.toString(dims)));
      }
      product *= dim;
    }
    return product;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorType that && type == that.type && Arrays.equals(dims, that.dims);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return type + Arrays.toString(dims);
  }
}
