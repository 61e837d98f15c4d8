package dev.lathe.supernet;

import static org.bytedeco.pytorch.global.torch.clamp_min;
import static org.bytedeco.pytorch.global.torch.sigmoid;

import dev.lathe.graph.WeightRef;
import dev.lathe.graph.WeightRef.Derivation.FakeQuantization;
import dev.lathe.graph.WeightRef.Derivation.Gated;
import dev.lathe.graph.WeightRef.Derivation.Outside;
import dev.lathe.graph.WeightRef.Derivation.Scaled;
import dev.lathe.graph.WeightRef.Gate;
import dev.lathe.graph.WeightRef.Window;
import dev.lathe.supernet.tensor.Torch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRef;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Resolves weight references against a store, differentiably. A gate is computed once: this serves
 * one forward pass, within one pointer scope.
 */
final class Weights {
  private final WeightStore store;
  private final Map<Gate, Tensor> gates = new HashMap<>();

  Weights(WeightStore store) {
    this.store = store;
  }

  /** A stored tensor as a whole. */
  Tensor stored(String tensor) {
    return store.leaf(tensor);
  }

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
        yield Torch.scopedFloats(values, Torch.shape(literal.shape()));
      }
      case WeightRef.Joined joined -> {
        Tensor[] parts = joined.parts().stream().map(this::resolve).toArray(Tensor[]::new);
        yield torch.cat(new TensorArrayRef(new TensorVector(parts)), joined.axis());
      }
      case WeightRef.Reshaped reshaped ->
          resolve(reshaped.source()).reshape(Torch.shape(reshaped.shape()));
      case WeightRef.Moment moment ->
          throw new IllegalArgumentException(
              "the statistics of '%s' are no weights.".formatted(moment.norm()));
      case WeightRef.Derived derived -> {
        Tensor source = resolve(derived.source());
        yield switch (derived.derivation()) {
          case FakeQuantization quantization -> fakeQuantized(source, quantization.bits());
          case Gated gated -> gated(source, gated);
          case Scaled scaled -> source.mul(new Scalar(scaled.factor()));
          case Outside outside -> source.mul(complement(source, outside.box()));
        };
      }
    };
  }

  /** The gate's value as a tensor of one element. */
  Tensor gate(Gate gate) {
    Tensor known = gates.get(gate);
    if (known == null) {
      known =
          switch (gate) {
            case Gate.OfNorm norm -> {
              Tensor margin = margin(norm);
              boolean open = margin.item_float() >= 0;
              Tensor value = constant(margin, open);
              yield open && !norm.learnsOpen() ? value : straightThrough(margin, value);
            }
            case Gate.Closed(Gate.OfNorm norm) -> {
              Tensor margin = margin(norm);
              yield straightThrough(margin, constant(margin, false));
            }
          };
      gates.put(gate, known);
    }
    return known;
  }

  private Tensor margin(Gate.OfNorm gate) {
    return resolve(gate.weights())
        .norm()
        .div(new Scalar(gate.unit()))
        .sub(resolve(gate.threshold()));
  }

  private static Tensor constant(Tensor like, boolean open) {
    return torch.zeros_like(like.detach()).add(new Scalar(open ? 1 : 0));
  }

  /** A value that has the gradient of the sigmoid of x. */
  private static Tensor straightThrough(Tensor x, Tensor value) {
    Tensor soft = sigmoid(x);
    return soft.add(value.sub(soft).detach());
  }

  private Tensor gated(Tensor source, Gated gated) {
    Tensor factor = gated.gates().stream().map(this::gate).reduce(Tensor::mul).orElseThrow();
    if (gated.always().isEmpty()) {
      return source.mul(factor);
    }
    Tensor rest = complement(source, gated.always());
    return source.mul(rest.mul(factor.sub(new Scalar(1))).add(new Scalar(1)));
  }

  /** 0 in the box, 1 elsewhere, of the shape of a tensor. */
  private static Tensor complement(Tensor like, List<Window> box) {
    Tensor mask = torch.zeros_like(like.detach()).add(new Scalar(1));
    Tensor inside = mask;
    for (int d = 0; d < box.size(); d++) {
      inside = inside.narrow(d, box.get(d).offset(), box.get(d).length());
    }
    inside.zero_();
    return mask;
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
