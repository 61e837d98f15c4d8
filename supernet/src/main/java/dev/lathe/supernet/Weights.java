package dev.lathe.supernet;

import static org.bytedeco.pytorch.global.torch.clamp_min;

import dev.lathe.graph.WeightRef;
import dev.lathe.graph.WeightRef.Derivation.FakeQuantization;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/** Resolves weight references against a store, differentiably. */
record Weights(WeightStore store) {
  Tensor resolve(WeightRef reference) {
    return switch (reference) {
      case WeightRef.Slice slice -> {
        Tensor tensor = store.leaf(slice.tensor());
        List<WeightRef.Window> windows = slice.windows();
        for (int d = 0; d < windows.size(); d++) {
          WeightRef.Window window = windows.get(d);
          if (window.length() != tensor.size(d)) {
            tensor = tensor.narrow(d, window.offset(), window.length());
          }
        }
        yield tensor;
      }
      case WeightRef.Literal literal -> {
        float[] values = new float[literal.values().size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = literal.values().get(i);
        }
        Tensor tensor = Torch.floats(values, Torch.shape(literal.shape()));
        org.bytedeco.javacpp.PointerScope.getInnerScope().attach(tensor);
        yield tensor;
      }
      case WeightRef.Derived derived -> {
        Tensor source = resolve(derived.source());
        yield switch (derived.derivation()) {
          case FakeQuantization quantization -> fakeQuantized(source, quantization.bits());
        };
      }
    };
  }

  /** Rounds in the forward pass, passes gradients straight through. */
  private static Tensor fakeQuantized(Tensor weights, int bits) {
    double levels = (1 << (bits - 1)) - 1;
    Tensor fixed = weights.detach();
    long[] others = new long[(int) fixed.dim() - 1];
    for (int d = 0; d < others.length; d++) {
      others[d] = d + 1L;
    }
    Tensor scale =
        clamp_min(fixed.abs().amax(others, true).div(new Scalar(levels)), new Scalar(1e-12));
    ScalarOptional low = new ScalarOptional(new Scalar(-levels));
    ScalarOptional high = new ScalarOptional(new Scalar(levels));
    Tensor rounded = fixed.div(scale).round().clamp(low, high).mul(scale);
    return weights.add(rounded.sub(fixed));
  }
}
