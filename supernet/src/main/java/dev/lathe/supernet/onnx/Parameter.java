package dev.lathe.supernet.onnx;

import static org.bytedeco.pytorch.global.torch.fake_quantize_per_channel_affine;
import static org.bytedeco.pytorch.global.torch.fake_quantize_per_tensor_affine;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.supernet.tensor.Torch;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Weights of an ONNX graph that can be trained: real numbers behind whatever the file stores. In
 * the forward pass they look as the file would have them; gradients pass straight through the
 * rounding (Bengio et al., arXiv 1308.3432).
 */
sealed interface Parameter {
  /** The value of the graph that it stands for: an initializer, or the output of a node. */
  String value();

  long[] dims();

  /** The real numbers with which training starts, row-major. */
  float[] start();

  /** What the rest of the graph sees, differentiably. */
  Tensor seen(Tensor real);

  /** Puts trained numbers into the graph. */
  void write(OnnxGraph graph, float[] real);

  /** Whether a zero must stay one: in weights that were sparsified. */
  boolean keepsZeros();

  /** A float initializer. */
  record Plain(TensorValue tensor) implements Parameter {
    @Override
    public String value() {
      return tensor.name();
    }

    @Override
    public long[] dims() {
      return tensor.dims();
    }

    @Override
    public float[] start() {
      return tensor.floats();
    }

    @Override
    public Tensor seen(Tensor real) {
      return real;
    }

    @Override
    public void write(OnnxGraph graph, float[] real) {
      graph.addInitializer(TensorValue.floats(value(), real, dims()));
    }

    @Override
    public boolean keepsZeros() {
      return tensor.rank() >= 2;
    }
  }

  /**
   * Integers behind a DequantizeLinear, of one scale or one a channel.
   *
   * @param node the DequantizeLinear
   * @param scales one, or one a channel
   * @param zeroPoints as many
   * @param axis of the channels
   */
  record Dequantized(
      OnnxNode node, TensorValue integers, float[] scales, long[] zeroPoints, int axis)
      implements Parameter {
    @Override
    public String value() {
      return node.output();
    }

    @Override
    public long[] dims() {
      return integers.dims();
    }

    @Override
    public float[] start() {
      long[] stored = integers.longs();
      float[] real = new float[stored.length];
      for (int i = 0; i < real.length; i++) {
        int channel = channel(i);
        real[i] = (stored[i] - zeroPoints[channel]) * scales[channel];
      }
      return real;
    }

    /** Symmetric for int8, and of seven bits where the file keeps to them. */
    private Grid grid() {
      Grid all = Grid.of(integers.type());
      if (integers.type() != ElementType.INT8) {
        return all;
      }
      boolean reduced =
          java.util.Arrays.stream(integers.longs()).allMatch(value -> Math.abs(value) <= 64);
      return new Grid(all.type(), reduced ? -64 : -127, reduced ? 64 : 127);
    }

    private int channel(int index) {
      if (scales.length == 1) {
        return 0;
      }
      long inner = 1;
      for (int d = axis + 1; d < integers.rank(); d++) {
        inner *= integers.dim(d);
      }
      return (int) (index / inner % scales.length);
    }

    @Override
    public Tensor seen(Tensor real) {
      if (integers.type() == ElementType.INT32) {
        return real; // a bias: its grid is too fine to matter
      }
      Grid grid = grid();
      if (scales.length == 1) {
        return fake_quantize_per_tensor_affine(
            real, scales[0], zeroPoints[0], grid.least(), grid.most());
      }
      Tensor scale = Torch.scopedFloats(scales, scales.length);
      float[] zeros = new float[zeroPoints.length];
      for (int i = 0; i < zeros.length; i++) {
        zeros[i] = zeroPoints[i];
      }
      return fake_quantize_per_channel_affine(
          real, scale, Torch.scopedFloats(zeros, zeros.length), axis, grid.least(), grid.most());
    }

    @Override
    public void write(OnnxGraph graph, float[] real) {
      Grid grid = grid();
      long[] stored = new long[real.length];
      for (int i = 0; i < stored.length; i++) {
        int channel = channel(i);
        stored[i] = grid.nearest((double) real[i] / scales[channel] + zeroPoints[channel]);
      }
      String name = graph.freshName(integers.name());
      graph.addInitializer(grid.tensor(name, stored, dims()));
      graph.replace(node, java.util.List.of(node.withInput(0, name)));
    }

    @Override
    public boolean keepsZeros() {
      return Zeros.prevail(start());
    }
  }

  /**
   * Numbers of a narrow type behind a Cast to float: float16, or integers that a scale multiplies
   * later.
   *
   * @param node the Cast
   * @param unit the size of a step of the integers in what is computed; 1 where unknown. Training
   *     works on multiples of it, so that a learning rate means the same for all weights.
   */
  record Stored(OnnxNode node, TensorValue tensor, float unit) implements Parameter {
    @Override
    public String value() {
      return node.output();
    }

    @Override
    public long[] dims() {
      return tensor.dims();
    }

    @Override
    public float[] start() {
      float[] real = tensor.floats();
      for (int i = 0; i < real.length; i++) {
        real[i] *= unit;
      }
      return real;
    }

    @Override
    public Tensor seen(Tensor real) {
      if (tensor.type().isFloating()) {
        return real;
      }
      Grid grid = Grid.of(tensor.type());
      return fake_quantize_per_tensor_affine(real, unit, 0, grid.least(), grid.most())
          .div(new Scalar(unit));
    }

    @Override
    public void write(OnnxGraph graph, float[] real) {
      String name = graph.freshName(tensor.name());
      if (tensor.type().isFloating()) {
        graph.addInitializer(TensorValue.halves(name, real, dims()));
      } else {
        Grid grid = Grid.of(tensor.type());
        long[] stored = new long[real.length];
        for (int i = 0; i < stored.length; i++) {
          stored[i] = grid.nearest((double) real[i] / unit);
        }
        graph.addInitializer(grid.tensor(name, stored, dims()));
      }
      graph.replace(node, java.util.List.of(node.withInput(0, name)));
    }

    @Override
    public boolean keepsZeros() {
      return Zeros.prevail(start());
    }
  }

  /**
   * The matrix of a MatMulNBits (com.microsoft), [n, k], in blocks along k with a scale each.
   *
   * @param scales [n, blocks]
   */
  record Blocks(OnnxNode node, TensorValue packed, float[] scales) implements Parameter {
    @Override
    public String value() {
      return packed.name();
    }

    int rows() {
      return (int) node.integer("N", 0);
    }

    int columns() {
      return (int) node.integer("K", 0);
    }

    private int bits() {
      return (int) node.integer("bits", 4);
    }

    private int block() {
      return (int) node.integer("block_size", 32);
    }

    private int blocks() {
      return Math.ceilDiv(columns(), block());
    }

    private int zero() {
      return 1 << bits() - 1;
    }

    @Override
    public long[] dims() {
      return new long[] {rows(), columns()};
    }

    private float scale(int row, int column) {
      return scales[row * blocks() + column / block()];
    }

    @Override
    public float[] start() {
      byte[] bytes = packed.toByteArray();
      float[] real = new float[rows() * columns()];
      for (int row = 0; row < rows(); row++) {
        for (int column = 0; column < columns(); column++) {
          int at = row * blocks() * block() + column;
          int stored = bytes[at * bits() / 8] & 255;
          if (bits() == 4) {
            stored = column % 2 == 0 ? stored & 15 : stored >> 4;
          }
          real[row * columns() + column] = (stored - zero()) * scale(row, column);
        }
      }
      return real;
    }

    @Override
    public Tensor seen(Tensor real) {
      float[] steps = new float[rows() * columns()];
      for (int i = 0; i < steps.length; i++) {
        steps[i] = scale(i / columns(), i % columns());
      }
      Tensor step = Torch.scopedFloats(steps, rows(), columns());
      Tensor fixed = real.detach();
      Tensor rounded =
          fixed
              .div(step)
              .round()
              .clamp(
                  new ScalarOptional(new Scalar((double) -zero())),
                  new ScalarOptional(new Scalar((double) zero() - 1)))
              .mul(step);
      return real.add(rounded.sub(fixed));
    }

    @Override
    public void write(OnnxGraph graph, float[] real) {
      byte[] bytes = new byte[rows() * blocks() * block() * bits() / 8];
      for (int row = 0; row < rows(); row++) {
        for (int column = 0; column < blocks() * block(); column++) {
          long stored = zero();
          if (column < columns()) {
            double exact = real[row * columns() + column] / (double) scale(row, column);
            stored += Math.clamp((long) Math.rint(exact), -zero(), zero() - 1);
          }
          int at = (row * blocks() * block() + column) * bits() / 8;
          bytes[at] |= (byte) (bits() == 4 && column % 2 == 1 ? stored << 4 : stored);
        }
      }
      graph.addInitializer(TensorValue.uint8(value(), bytes, packed.dims()));
    }

    @Override
    public boolean keepsZeros() {
      return Zeros.prevail(start());
    }
  }
}
