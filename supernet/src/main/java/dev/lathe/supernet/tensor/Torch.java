package dev.lathe.supernet.tensor;

import static org.bytedeco.pytorch.global.torch.from_blob;

import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Bridges between Java arrays and libtorch tensors. */
public final class Torch {
  private static final boolean CUDA = torch.cuda_is_available();

  private Torch() {}

  /** The tensor where training happens: on the first GPU if this build of libtorch sees one. */
  private static Tensor placed(Tensor tensor) {
    return CUDA ? tensor.cuda() : tensor.clone();
  }

  /** Whether training happens on a GPU. */
  public static boolean onGpu() {
    return CUDA;
  }

  /** Zeros, [length], that outlive the current scope. */
  public static Tensor zeros(long length) {
    try (PointerScope _ = new PointerScope()) {
      return placed(torch.zeros(length)).retainReference();
    }
  }

  /** A tensor that owns a copy of the values and outlives the current scope. */
  public static Tensor floats(float[] values, long... shape) {
    try (PointerScope _ = new PointerScope()) {
      return placed(from_blob(new FloatPointer(values), shape)).retainReference();
    }
  }

  /** Whole numbers, [length], as a tensor that outlives the current scope. */
  public static Tensor longs(long[] values) {
    try (PointerScope _ = new PointerScope()) {
      TensorOptions options =
          new TensorOptions().dtype(new ScalarTypeOptional(torch.ScalarType.Long));
      return placed(from_blob(new LongPointer(values), new long[] {values.length}, options))
          .retainReference();
    }
  }

  /** A tensor with a copy of the values that ends with the current scope. */
  public static Tensor scopedFloats(float[] values, long... shape) {
    return scoped(floats(values, shape));
  }

  /** Whole numbers, [length], as a tensor that ends with the current scope. */
  public static Tensor scopedLongs(long[] values) {
    return scoped(longs(values));
  }

  private static Tensor scoped(Tensor tensor) {
    PointerScope.getInnerScope().attach(tensor);
    return tensor;
  }

  /** The values of a tensor of whole numbers, row-major. */
  public static long[] toLongs(Tensor tensor) {
    try (PointerScope _ = new PointerScope()) {
      Tensor dense = tensor.detach().cpu().contiguous();
      long[] values = new long[Math.toIntExact(dense.numel())];
      if (values.length > 0) {
        new LongPointer(dense.data_ptr_long()).get(values);
      }
      return values;
    }
  }

  /** The values of a float tensor, row-major. */
  public static float[] toFloats(Tensor tensor) {
    try (PointerScope _ = new PointerScope()) {
      Tensor dense = tensor.detach().cpu().contiguous();
      float[] values = new float[Math.toIntExact(dense.numel())];
      if (values.length > 0) {
        new FloatPointer(dense.data_ptr_float()).get(values);
      }
      return values;
    }
  }

  public static long[] shape(List<Integer> shape) {
    return shape.stream().mapToLong(Integer::longValue).toArray();
  }
}
