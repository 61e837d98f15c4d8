package dev.lathe.supernet.program;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Finds the kernel of a node among the families of operators. */
final class Kernels {
  private static final List<Function<Operands, Optional<Kernel>>> FAMILIES =
      List.of(
          WindowKernels::of,
          NormKernels::of,
          ActivationKernels::of,
          ArithmeticKernels::of,
          ProductKernels::of,
          LayoutKernels::of,
          ResizeKernels::of,
          SelectionKernels::of,
          ReductionKernels::of,
          QuantizationKernels::of,
          FusedKernels::of);

  private static final Set<String> INTEGER =
      Set.of(
          "QLinearConv",
          "QLinearMatMul",
          "ConvInteger",
          "MatMulInteger",
          "MatMulIntegerToFloat",
          "DynamicQuantizeLinear",
          "DynamicQuantizeMatMul",
          "QLinearAdd",
          "QLinearMul",
          "QLinearConcat",
          "QLinearGlobalAveragePool",
          "QLinearAveragePool",
          "QLinearSigmoid",
          "QLinearLeakyRelu",
          "QLinearSoftmax",
          "QGemm");

  private Kernels() {}

  static Kernel of(Operands in) {
    for (Function<Operands, Optional<Kernel>> family : FAMILIES) {
      Optional<Kernel> kernel = family.apply(in);
      if (kernel.isPresent()) {
        return kernel.get();
      }
    }
    throw in.unsupported(
        INTEGER.contains(in.node().opType())
            ? "it computes with integers, which has no gradient. Maybe take the model as it was before it was quantized"
            : "the operator is not known to the trainer");
  }

  /** A kernel of one result, present. */
  static Optional<Kernel> one(Kernel.One kernel) {
    return Optional.of(Kernel.of(kernel));
  }
}
