package dev.lathe.supernet.program;

import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.leaky_relu;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.sigmoid;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.tanh;

import dev.lathe.onnx.OnnxNode;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Operators that ONNX Runtime makes when it optimises a graph (com.microsoft). */
final class FusedKernels {
  private FusedKernels() {}

  static Optional<Kernel> of(Operands in) {
    OnnxNode node = in.node();
    if (!node.domain().equals("com.microsoft")) {
      return Optional.empty();
    }
    return switch (node.opType()) {
      case "Gelu" -> biased(in, x -> gelu(x, "none"));
      case "BiasGelu" -> biased(in, x -> gelu(x, "none"));
      case "FastGelu" -> biased(in, x -> gelu(x, "tanh"));
      case "QuickGelu" -> biased(in, ActivationKernels.swish(node.floating("alpha", 1.702f)));
      case "BiasSoftmax" -> {
        long axis = node.integer("axis", 1);
        int x = in.slot(0);
        int bias = in.slot(1);
        yield Kernels.one(frame -> softmax(frame.get(x).add(frame.get(bias)), axis));
      }
      case "FusedConv" -> {
        Kernel.One window = WindowKernels.convolve(in);
        int other = in.optional(3);
        yield Kernels.one(
            activated(
                in,
                frame ->
                    other < 0
                        ? window.compute(frame)
                        : window.compute(frame).add(frame.get(other))));
      }
      default -> Optional.empty();
    };
  }

  private static Optional<Kernel> biased(Operands in, UnaryOperator<Tensor> function) {
    int x = in.slot(0);
    int bias = in.optional(1);
    return Kernels.one(
        frame -> function.apply(bias < 0 ? frame.get(x) : frame.get(x).add(frame.get(bias))));
  }

  /** With the function that the node's attribute {@code activation} names, if it names one. */
  static Kernel.One activated(Operands in, Kernel.One before) {
    OnnxNode node = in.node();
    String name = node.string("activation", "");
    float[] numbers = node.floats("activation_params");
    double alpha = numbers.length > 0 ? numbers[0] : node.floating("activation_alpha", 0.01f);
    double beta = numbers.length > 1 ? numbers[1] : node.floating("activation_beta", 0.5f);
    UnaryOperator<Tensor> function =
        switch (name) {
          case "" -> x -> x;
          case "Relu" -> x -> relu(x);
          case "Tanh" -> x -> tanh(x);
          case "Sigmoid" -> x -> sigmoid(x);
          case "LeakyRelu" -> x -> leaky_relu(x, new Scalar(alpha));
          case "HardSigmoid" -> ActivationKernels.hardSigmoid(alpha, beta);
          case "Clip" -> x -> ActivationKernels.clamped(x, Optional.of(alpha), Optional.of(beta));
          default -> throw in.unsupported("its activation '%s' is not known".formatted(name));
        };
    return name.isEmpty() ? before : frame -> function.apply(before.compute(frame));
  }
}
