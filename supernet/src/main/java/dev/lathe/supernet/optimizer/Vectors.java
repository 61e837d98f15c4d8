package dev.lathe.supernet.optimizer;

import dev.lathe.supernet.tensor.Torch;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Puts kept numbers back into a vector. */
final class Vectors {
  private Vectors() {}

  static void restore(Tensor vector, Map<String, float[]> state, String name) {
    float[] values = state.get(name);
    if (values == null || values.length != vector.numel()) {
      throw new IllegalArgumentException(
          "the optimizer's '%s' should have %d numbers, there are %s."
              .formatted(name, vector.numel(), values == null ? "none" : values.length));
    }
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      vector.copy_(Torch.scopedFloats(values, values.length));
    }
  }
}
