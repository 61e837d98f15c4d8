package dev.lathe.supernet.optimizer;

import static org.bytedeco.pytorch.global.torch.matmul;

import dev.lathe.graph.TensorSpec;
import dev.lathe.supernet.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Steepest descent under the spectral norm for matrices: the Nesterov momentum of a matrix is made
 * nearly orthogonal by five Newton–Schulz iterations (Bernstein, Newhouse, Old Optimizer, New Norm,
 * arXiv 2409.20325), and scaled so that its root mean square does not depend on its shape. A
 * convolution is the matrix [out, in · kernel]. Other tensors move by stochastic gradient descent
 * with Nesterov momentum.
 */
final class OrthogonalMomentum implements Optimizer {
  private static final String VELOCITY = "velocity";
  private static final int ITERATIONS = 5;
  private static final double[] POLYNOMIAL = {3.4445, -4.7750, 2.0315};

  private final Parameters parameters;
  private final Choice.Orthogonal settings;
  private final Tensor velocity;
  private final Tensor others;
  private final Tensor decayedOthers;
  private final Tensor decayedMatrices;
  private final List<Matrix> matrices = new ArrayList<>();

  private record Matrix(long offset, long rows, long columns) {}

  OrthogonalMomentum(Parameters parameters, Choice.Orthogonal settings) {
    this.parameters = parameters;
    this.settings = settings;
    this.velocity = Torch.zeros(parameters.size());
    float[] rest = new float[Math.toIntExact(parameters.size())];
    float[] decay = parameters.decayMask();
    float[] decayMatrices = new float[rest.length];
    int offset = 0;
    for (TensorSpec spec : parameters.specs().values()) {
      int count = Math.toIntExact(spec.count());
      if (spec.matrix()) {
        matrices.add(new Matrix(offset, spec.shape().getFirst(), count / spec.shape().getFirst()));
        System.arraycopy(decay, offset, decayMatrices, offset, count);
        java.util.Arrays.fill(decay, offset, offset + count, 0);
      } else {
        java.util.Arrays.fill(rest, offset, offset + count, 1);
      }
      offset += count;
    }
    this.others = Torch.floats(rest, rest.length);
    this.decayedOthers = Torch.floats(decay, decay.length);
    this.decayedMatrices = Torch.floats(decayMatrices, decayMatrices.length);
  }

  @Override
  public void step(double learningRate) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor values = parameters.values();
      Scalar momentum = new Scalar(settings.momentum());
      Tensor g =
          parameters.gradients().addcmul(values, decayedOthers, new Scalar(settings.weightDecay()));
      velocity.mul_(momentum);
      velocity.add_(g);
      g.add_(velocity, momentum);
      values.addcmul_(values, decayedMatrices, new Scalar(-learningRate * settings.weightDecay()));
      values.addcmul_(g, others, new Scalar(-learningRate * settings.others()));
      for (Matrix matrix : matrices) {
        try (PointerScope _ = new PointerScope()) {
          long count = matrix.rows * matrix.columns;
          Tensor direction =
              orthogonal(g.narrow(0, matrix.offset, count).view(matrix.rows, matrix.columns));
          double scale = Math.sqrt(Math.max(1.0, (double) matrix.rows / matrix.columns));
          values
              .narrow(0, matrix.offset, count)
              .view(matrix.rows, matrix.columns)
              .add_(direction, new Scalar(-learningRate * scale));
        }
      }
    }
  }

  /** A matrix with the same singular vectors whose singular values are near 1. */
  static Tensor orthogonal(Tensor matrix) {
    boolean tall = matrix.size(0) > matrix.size(1);
    Tensor x = tall ? matrix.t() : matrix;
    x = x.div(x.norm().add(new Scalar(1e-7)));
    for (int i = 0; i < ITERATIONS; i++) {
      Tensor a = matmul(x, x.t());
      Tensor b = a.mul(new Scalar(POLYNOMIAL[1])).add(matmul(a, a).mul(new Scalar(POLYNOMIAL[2])));
      x = x.mul(new Scalar(POLYNOMIAL[0])).add(matmul(b, x));
    }
    return tall ? x.t() : x;
  }

  @Override
  public Map<String, float[]> state() {
    return Map.of(VELOCITY, Torch.toFloats(velocity));
  }

  @Override
  public void restore(Map<String, float[]> state) {
    Vectors.restore(velocity, state, VELOCITY);
  }

  @Override
  public void close() {
    velocity.close();
    others.close();
    decayedOthers.close();
    decayedMatrices.close();
  }
}
