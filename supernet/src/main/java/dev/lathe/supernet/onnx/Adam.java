package dev.lathe.supernet.onnx;

import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.tensor.Torch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Adam (Kingma, Ba, arXiv 1412.6980) on a store's flat vectors. */
final class Adam implements AutoCloseable {
  private static final double FIRST = 0.9;
  private static final double SECOND = 0.999;
  private static final double EPSILON = 1e-8;

  private final WeightStore store;
  private final Tensor mean;
  private final Tensor square;
  private long steps;

  Adam(WeightStore store) {
    this.store = store;
    this.mean = Torch.zeros(store.size());
    this.square = Torch.zeros(store.size());
  }

  /** Moves the weights against a gradient, [weights]. */
  void step(Tensor gradient, double learningRate) {
    steps++;
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      mean.mul_(new Scalar(FIRST)).add_(gradient, new Scalar(1 - FIRST));
      square.mul_(new Scalar(SECOND)).addcmul_(gradient, gradient, new Scalar(1 - SECOND));
      double unbias = Math.sqrt(1 - Math.pow(SECOND, steps));
      Tensor spread = square.sqrt().div_(new Scalar(unbias)).add_(new Scalar(EPSILON));
      double rate = learningRate / (1 - Math.pow(FIRST, steps));
      store.flatValues().addcdiv_(mean, spread, new Scalar(-rate));
    }
  }

  @Override
  public void close() {
    mean.close();
    square.close();
  }
}
