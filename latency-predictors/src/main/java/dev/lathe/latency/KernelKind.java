package dev.lathe.latency;

/** Families of kernels whose cost has a law of its own. */
public enum KernelKind {
  /** Convolution with a 1×1 window and one group. */
  POINTWISE,
  /** Convolution of one value a channel: the 1×1 layers of squeeze-and-excite. */
  VECTOR,
  /** Convolution with one input channel a group. */
  DEPTHWISE,
  /** Convolution with some, not all, channels in a group. */
  GROUPED,
  /** Convolution with a larger window and one group. */
  DENSE,
  /** Matrix product. */
  MATMUL,
  /** Arithmetic on elements: sums, products. */
  ELEMENTWISE,
  /** Activation function that is no part of another kernel. */
  ACTIVATION,
  /** Pooling over a window. */
  POOL,
  /** Pooling over all positions, and other reductions. */
  REDUCTION,
  /** Normalization that is no part of another kernel, softmax. */
  NORMALIZATION,
  /** Copies: transposition, concatenation, gathering, resizing. */
  COPY,
  /** Change between the plain and the blocked layout of channels. */
  REORDER,
  /** Change between real numbers and integers. */
  QUANTIZE,
  /** All else. */
  OTHER;

  /** Whether its work is counted in multiply-accumulates. */
  public boolean multiplies() {
    return ordinal() <= MATMUL.ordinal();
  }
}
