package dev.lathe.supernet.program;

import org.bytedeco.pytorch.Tensor;

/** What a call computes; its attributes and the places of its operands are resolved. */
@FunctionalInterface
interface Kernel {
  /** The results, in the order of the node's outputs; a suffix of them may be missing. */
  Tensor[] compute(Frame frame);

  /** Of one result. */
  @FunctionalInterface
  interface One {
    Tensor compute(Frame frame);
  }

  static Kernel of(One one) {
    return frame -> new Tensor[] {one.compute(frame)};
  }
}
