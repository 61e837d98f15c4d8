package dev.lathe.supernet.optimizer;

import dev.lathe.graph.TensorSpec;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What an optimizer moves: tensors one after the other in flat vectors.
 *
 * @param specs of the tensors, in order
 * @param values all of them, [size]
 * @param gradients likewise
 */
public record Parameters(Map<String, TensorSpec> specs, Tensor values, Tensor gradients) {
  /** How many numbers there are. */
  public long size() {
    return values.numel();
  }

  /** 1 where weight decay pulls, 0 elsewhere, [size]. */
  float[] decayMask() {
    float[] mask = new float[Math.toIntExact(size())];
    int offset = 0;
    for (TensorSpec spec : specs.values()) {
      int count = Math.toIntExact(spec.count());
      java.util.Arrays.fill(mask, offset, offset + count, spec.decays() ? 1f : 0f);
      offset += count;
    }
    return mask;
  }
}
