package dev.lathe.supernet.program;

import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.matmul;

import dev.lathe.onnx.OnnxNode;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Matrix products. */
final class ProductKernels {
  private ProductKernels() {}

  static Optional<Kernel> of(Operands in) {
    return switch (in.node().opType()) {
      case "Gemm", "FusedGemm" -> Kernels.one(gemm(in));
      case "MatMul", "FusedMatMul" -> Kernels.one(product(in));
      case "MatMulNBits" -> {
        int x = in.slot(0);
        int w = in.slot(1);
        int bias = in.optional(5);
        yield Kernels.one(frame -> linear(frame.get(x), frame.get(w), frame.optional(bias)));
      }
      default -> Optional.empty();
    };
  }

  private static boolean flag(OnnxNode node, String attribute) {
    return node.integer(attribute, 0) != 0;
  }

  private static Kernel.One product(Operands in) {
    OnnxNode node = in.node();
    if (flag(node, "transBatchA") || flag(node, "transBatchB")) {
      throw in.unsupported("it exchanges batch dimensions");
    }
    boolean transA = flag(node, "transA");
    boolean transB = flag(node, "transB");
    double alpha = node.floating("alpha", 1);
    int a = in.slot(0);
    int b = in.slot(1);
    return frame ->
        scaled(matmul(turned(frame.factor(a), transA), turned(frame.factor(b), transB)), alpha);
  }

  private static Tensor turned(Tensor x, boolean transposed) {
    return transposed ? x.transpose(-2, -1) : x;
  }

  private static Tensor scaled(Tensor x, double factor) {
    return factor == 1 ? x : x.mul(new Scalar(factor));
  }

  private static Kernel.One gemm(Operands in) {
    OnnxNode node = in.node();
    boolean transA = flag(node, "transA");
    boolean transB = flag(node, "transB");
    double alpha = node.floating("alpha", 1);
    double beta = node.floating("beta", 1);
    int a = in.slot(0);
    int b = in.slot(1);
    int c = in.optional(2);
    Kernel.One sum;
    if (transB && alpha == 1 && beta == 1 && isVector(in)) {
      sum =
          frame ->
              linear(turned(frame.factor(a), transA), frame.factor(b), frame.optionalFactor(c));
    } else {
      sum =
          frame -> {
            Tensor product =
                scaled(
                    matmul(turned(frame.factor(a), transA), turned(frame.factor(b), transB)),
                    alpha);
            return c < 0 ? product : product.add(scaled(frame.get(c), beta));
          };
    }
    return FusedKernels.activated(in, sum);
  }

  /** Whether there is no third operand, or one of one dimension. */
  private static boolean isVector(Operands in) {
    return !in.has(2) || in.dims(2).filter(dims -> dims.length == 1).isPresent();
  }
}
