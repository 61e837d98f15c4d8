package dev.lathe.supernet;

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
final class Torch {
  private static final boolean CUDA = torch.cuda_is_available();

  private Torch() {}

  /** The tensor where training happens: on the first GPU if this build of libtorch sees one. */
  private static Tensor placed(Tensor tensor) {
    return CUDA ? tensor.cuda() : tensor.clone();
  }

  /** Whether training happens on a GPU. */
  static boolean onGpu() {
    return CUDA;
  }

  /** Zeros, [length], that outlive the current scope. */
  static Tensor zeros(long length) {
    try (PointerScope _ = new PointerScope()) {
      return placed(torch.zeros(length)).retainReference();
    }
  }

  /** A tensor that owns a copy of the values and outlives the current scope. */
  static Tensor floats(float[] values, long... shape) {
    try (PointerScope _ = new PointerScope()) {
      return placed(from_blob(new FloatPointer(values), shape)).retainReference();
    }
  }

  /** Class labels as a tensor that outlives the current scope. */
  static Tensor labels(long[] values) {
    try (PointerScope _ = new PointerScope()) {
      TensorOptions options =
          new TensorOptions().dtype(new ScalarTypeOptional(torch.ScalarType.Long));
      return placed(from_blob(new LongPointer(values), new long[] {values.length}, options))
          .retainReference();
    }
  }

  /** The values of a float tensor, row-major. */
  static float[] toFloats(Tensor tensor) {
    try (PointerScope _ = new PointerScope()) {
      Tensor dense = tensor.detach().cpu().contiguous();
      float[] values = new float[Math.toIntExact(dense.numel())];
      if (values.length > 0) {
        new FloatPointer(dense.data_ptr_float()).get(values);
      }
      return values;
    }
  }

  static long[] shape(List<Integer> shape) {
    return shape.stream().mapToLong(Integer::longValue).toArray();
  }
}
