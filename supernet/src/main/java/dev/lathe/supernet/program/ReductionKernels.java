package dev.lathe.supernet.program;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;

/** Sums, means, extremes and their places. */
final class ReductionKernels {
  private ReductionKernels() {}

  private interface Reduction {
    Tensor apply(Tensor x, long[] axes, boolean keep);
  }

  static Optional<Kernel> of(Operands in) {
    if (!in.node().domain().isEmpty()) {
      return Optional.empty();
    }
    return switch (in.node().opType()) {
      case "ReduceMean" -> over(in, (x, axes, keep) -> x.mean(axes, keep, none()));
      case "ReduceSum" -> over(in, ReductionKernels::sum);
      case "ReduceMax" -> over(in, (x, axes, keep) -> x.amax(axes, keep));
      case "ReduceMin" -> over(in, (x, axes, keep) -> x.amin(axes, keep));
      case "ReduceProd" -> over(in, ReductionKernels::product);
      case "ReduceL1" -> over(in, (x, axes, keep) -> sum(x.abs(), axes, keep));
      case "ReduceL2" -> over(in, (x, axes, keep) -> sum(x.mul(x), axes, keep).sqrt());
      case "ReduceLogSum" -> over(in, (x, axes, keep) -> sum(x, axes, keep).log());
      case "ReduceLogSumExp" -> over(in, (x, axes, keep) -> x.logsumexp(axes, keep));
      case "ReduceSumSquare" -> over(in, (x, axes, keep) -> sum(x.mul(x), axes, keep));
      case "ArgMax", "ArgMin" -> Kernels.one(place(in));
      case "TopK" -> Optional.of(largest(in));
      default -> Optional.empty();
    };
  }

  private static ScalarTypeOptional none() {
    return new ScalarTypeOptional();
  }

  private static Tensor sum(Tensor x, long[] axes, boolean keep) {
    return x.sum(axes, keep, none());
  }

  private static Tensor product(Tensor x, long[] axes, boolean keep) {
    Tensor value = x;
    for (long axis : Arrays.stream(axes).map(a -> Sizes.axis(a, x)).sorted().toArray()) {
      value = value.prod(axis, true, none());
    }
    if (keep) {
      return value;
    }
    long[] dropped = Arrays.stream(axes).map(a -> Sizes.axis(a, x)).toArray();
    return value.squeeze(dropped);
  }

  private static Optional<Kernel> over(Operands in, Reduction reduction) {
    long[] axes = in.longs("axes", 1).orElse(new long[0]);
    boolean keep = in.node().integer("keepdims", 1) != 0;
    boolean idle = axes.length == 0 && in.node().integer("noop_with_empty_axes", 0) != 0;
    int x = in.slot(0);
    return Kernels.one(
        frame -> {
          Tensor value = frame.get(x);
          return idle ? value : reduction.apply(value, Sizes.axes(axes, value), keep);
        });
  }

  private static Kernel.One place(Operands in) {
    long axis = in.node().integer("axis", 0);
    boolean keep = in.node().integer("keepdims", 1) != 0;
    boolean most = in.node().is("ArgMax");
    if (in.node().integer("select_last_index", 0) != 0) {
      throw in.unsupported("it takes the last of equal values");
    }
    int x = in.slot(0);
    return frame ->
        most
            ? frame.get(x).argmax(new LongOptional(axis), keep)
            : frame.get(x).argmin(new LongOptional(axis), keep);
  }

  private static Kernel largest(Operands in) {
    long k = in.longs("k", 1).orElseThrow(() -> in.missing(1))[0];
    long axis = in.node().integer("axis", -1);
    boolean most = in.node().integer("largest", 1) != 0;
    boolean sorted = in.node().integer("sorted", 1) != 0;
    int x = in.slot(0);
    return frame -> {
      T_TensorTensor_T both = frame.get(x).topk(k, axis, most, sorted);
      // a pair owns its tensors: views outlive it
      return new Tensor[] {both.get0().alias(), both.get1().alias()};
    };
  }
}
