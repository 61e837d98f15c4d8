package dev.lathe.supernet.program;

import static org.bytedeco.pytorch.global.torch.convolution;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.supernet.tensor.Torch;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * In which numbers the products of a program are computed. Weights, gradients of weights and
 * statistics are float32 in any case; in bfloat16 (8 bits of mantissa, the exponent of float32) the
 * operands of dense convolutions and matrix products are rounded, which needs no scaling of the
 * loss (Kalamkar et al., arXiv 1905.12322).
 */
public enum Precision {
  FLOAT32,
  BFLOAT16;

  private static final Set<String> SUITED =
      Set.of(
          "Conv",
          "Gemm",
          "MatMul",
          "BatchNormalization",
          "LayerNormalization",
          "Relu",
          "Clip",
          "HardSwish",
          "HardSigmoid",
          "Sigmoid",
          "Gelu",
          "Erf",
          "Softmax",
          "Add",
          "Mul",
          "Sub",
          "Div",
          "MaxPool",
          "AveragePool",
          "GlobalAveragePool",
          "ReduceMean",
          "Flatten",
          "Reshape",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "Slice",
          "Split",
          "Concat",
          "Constant",
          "Identity",
          "Dropout");

  private static final int SIDE = 16;
  private static final int CHANNELS = 64;
  private static final int IMAGES = 16;
  private static final int ROUNDS = 7;
  private static final double GAIN = 1.5;

  /**
   * Whether a graph may be computed in bfloat16: it consists of operators that bear it, and none of
   * its convolutions is grouped. (Depthwise convolutions are slower in bfloat16, and going back and
   * forth takes what the dense ones between them gain.)
   */
  static boolean suits(OnnxGraph graph) {
    return graph.nodes().stream().allMatch(Precision::suits);
  }

  private static boolean suits(OnnxNode node) {
    return node.domain().isEmpty()
        && SUITED.contains(node.opType())
        && (!node.is("Conv") || node.integer("group", 1) == 1);
  }

  /** What suits this processor: found once, by trying a convolution of usual size in both. */
  public static Precision fastest() {
    return Probe.FASTEST;
  }

  /** Computed when it is asked for first. */
  private static final class Probe {
    static final Precision FASTEST = Torch.onGpu() ? FLOAT32 : probe();

    private static Precision probe() {
      torch.set_num_threads(1);
      double plain = Double.MAX_VALUE;
      double reduced = Double.MAX_VALUE;
      for (int i = 0; i < ROUNDS; i++) {
        plain = Math.min(plain, seconds(FLOAT32));
        reduced = Math.min(reduced, seconds(BFLOAT16));
      }
      return plain > GAIN * reduced ? BFLOAT16 : FLOAT32;
    }

    private static double seconds(Precision precision) {
      try (PointerScope _ = new PointerScope()) {
        Tensor image = torch.randn(IMAGES, CHANNELS, SIDE, SIDE);
        Tensor x = image.contiguous(torch.MemoryFormat.ChannelsLast).set_requires_grad(true);
        Tensor w = torch.randn(CHANNELS, CHANNELS, 3, 3).set_requires_grad(true);
        Tensor gradient = image.contiguous(torch.MemoryFormat.ChannelsLast).mul(image).detach();
        long[] one = {1, 1};
        long start = System.nanoTime();
        Tensor y =
            convolution(
                precision.of(x),
                precision.of(w),
                new TensorOptional(),
                one,
                one,
                one,
                false,
                new long[2],
                1);
        y.to(torch.ScalarType.Float)
            .backward(gradient, new BoolOptional(false), false, new TensorArrayRefOptional());
        return (System.nanoTime() - start) / 1e9;
      }
    }
  }

  /** An operand of a product in these numbers; the same object where it is in them already. */
  Tensor of(Tensor operand) {
    torch.ScalarType wanted = this == BFLOAT16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float;
    return !operand.is_floating_point() || operand.scalar_type().value == wanted.value
        ? operand
        : operand.to(wanted);
  }
}
