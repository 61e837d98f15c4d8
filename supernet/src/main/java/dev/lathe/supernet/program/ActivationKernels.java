package dev.lathe.supernet.program;

import static org.bytedeco.pytorch.global.torch.celu;
import static org.bytedeco.pytorch.global.torch.elu;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.hardsigmoid;
import static org.bytedeco.pytorch.global.torch.hardswish;
import static org.bytedeco.pytorch.global.torch.leaky_relu;
import static org.bytedeco.pytorch.global.torch.log_softmax;
import static org.bytedeco.pytorch.global.torch.mish;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.sigmoid;
import static org.bytedeco.pytorch.global.torch.silu;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.softplus;
import static org.bytedeco.pytorch.global.torch.tanh;

import dev.lathe.onnx.OnnxNode;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Nonlinear functions of one tensor. */
final class ActivationKernels {
  private ActivationKernels() {}

  static Optional<Kernel> of(Operands in) {
    if (!in.node().domain().isEmpty()) {
      return Optional.empty();
    }
    if (in.node().is("PRelu")) {
      int x = in.slot(0);
      int slope = in.slot(1);
      return Kernels.one(
          frame -> {
            Tensor value = frame.get(x);
            return relu(value).sub(relu(value.neg()).mul(frame.get(slope)));
          });
    }
    return function(in)
        .map(
            function -> {
              int x = in.slot(0);
              return Kernel.of(frame -> function.apply(frame.get(x)));
            });
  }

  private static Optional<UnaryOperator<Tensor>> function(Operands in) {
    OnnxNode node = in.node();
    return Optional.ofNullable(
        switch (node.opType()) {
          case "Relu" -> x -> relu(x);
          case "LeakyRelu" -> {
            double alpha = node.floating("alpha", 0.01f);
            yield x -> leaky_relu(x, new Scalar(alpha));
          }
          case "Clip" -> clip(in);
          case "Sigmoid" -> x -> sigmoid(x);
          case "HardSigmoid" ->
              hardSigmoid(node.floating("alpha", 0.2f), node.floating("beta", 0.5f));
          case "HardSwish" -> x -> hardswish(x);
          case "Tanh" -> x -> tanh(x);
          case "Softmax" -> overAxis(in, (x, axis) -> softmax(x, axis));
          case "LogSoftmax" -> overAxis(in, (x, axis) -> log_softmax(x, axis));
          case "Hardmax" -> overAxis(in, ActivationKernels::hardmax);
          case "Gelu" -> {
            String kind = node.string("approximate", "none");
            yield x -> gelu(x, kind);
          }
          case "Mish" -> x -> mish(x);
          case "Swish" -> swish(node.floating("alpha", 1));
          case "Elu" -> {
            double alpha = node.floating("alpha", 1);
            yield x -> elu(x, new Scalar(alpha), new Scalar(1.0), new Scalar(1.0));
          }
          case "Celu" -> {
            double alpha = node.floating("alpha", 1);
            yield x -> celu(x, new Scalar(alpha));
          }
          case "Selu" -> {
            double alpha = node.floating("alpha", 1.67326319f);
            double gamma = node.floating("gamma", 1.05070102f);
            yield x -> elu(x, new Scalar(alpha), new Scalar(gamma), new Scalar(1.0));
          }
          case "Softplus" -> x -> softplus(x);
          case "Softsign" -> x -> x.div(x.abs().add(new Scalar(1.0)));
          case "ThresholdedRelu" -> {
            double alpha = node.floating("alpha", 1);
            yield x -> torch.threshold(x, new Scalar(alpha), new Scalar(0.0));
          }
          default -> null;
        });
  }

  static UnaryOperator<Tensor> swish(double alpha) {
    return alpha == 1 ? x -> silu(x) : x -> x.mul(sigmoid(x.mul(new Scalar(alpha))));
  }

  static UnaryOperator<Tensor> hardSigmoid(double alpha, double beta) {
    if (Math.abs(alpha - 1 / 6.0) < 1e-6 && beta == 0.5) {
      return x -> hardsigmoid(x);
    }
    return x ->
        clamped(x.mul(new Scalar(alpha)).add(new Scalar(beta)), Optional.of(0.0), Optional.of(1.0));
  }

  private static UnaryOperator<Tensor> clip(Operands in) {
    Optional<Double> low = bound(in, 1, "min");
    Optional<Double> high = bound(in, 2, "max");
    return low.isEmpty() && high.isEmpty() ? x -> x : x -> clamped(x, low, high);
  }

  private static Optional<Double> bound(Operands in, int input, String attribute) {
    return in.has(input) || in.node().has(attribute)
        ? Optional.of(in.number(attribute, input, 0))
        : Optional.empty();
  }

  static Tensor clamped(Tensor x, Optional<Double> low, Optional<Double> high) {
    return x.clamp(optional(low), optional(high));
  }

  private static ScalarOptional optional(Optional<Double> bound) {
    return bound.map(value -> new ScalarOptional(new Scalar(value))).orElseGet(ScalarOptional::new);
  }

  private interface OverAxis {
    Tensor apply(Tensor x, long axis);
  }

  /** Along one axis; before operator set 13 over all from that axis on. */
  private static UnaryOperator<Tensor> overAxis(Operands in, OverAxis function) {
    if (in.opset() >= 13) {
      long axis = in.node().integer("axis", -1);
      return x -> function.apply(x, axis);
    }
    long axis = in.node().integer("axis", 1);
    return x -> {
      long[] dims = Sizes.of(x);
      int from = Sizes.axis(axis, x);
      if (from == dims.length - 1) {
        return function.apply(x, from);
      }
      long rows = 1;
      for (int d = 0; d < from; d++) {
        rows *= dims[d];
      }
      return function.apply(x.reshape(rows, -1), 1).reshape(dims);
    };
  }

  private static Tensor hardmax(Tensor x, long axis) {
    Tensor most = x.argmax(new LongOptional(axis), true);
    return torch.zeros_like(x.detach()).scatter(axis, most, new Scalar(1.0));
  }
}
