package dev.lathe.supernet;

import dev.lathe.supernet.tensor.Torch;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Stochastic gradient descent with Nesterov momentum (Sutskever et al., ICML 2013) on a store's
 * flat vectors. Weight decay spares tensors of one dimension: batch norms and biases.
 */
final class NesterovSgd implements AutoCloseable {
  private final WeightStore store;
  private final Tensor velocity;
  private final Tensor decayed;

  NesterovSgd(WeightStore store) {
    this.store = store;
    float[] mask = new float[Math.toIntExact(store.size())];
    for (Map.Entry<String, List<Integer>> entry : store.shapes().entrySet()) {
      if (entry.getValue().size() > 1) {
        int offset = Math.toIntExact(store.offset(entry.getKey()));
        int count = entry.getValue().stream().reduce(1, Math::multiplyExact);
        java.util.Arrays.fill(mask, offset, offset + count, 1f);
      }
    }
    this.decayed = Torch.floats(mask, mask.length);
    this.velocity = Torch.zeros(store.size());
  }

  /**
   * Moves the weights against the store's gradients.
   *
   * @param scale by which the gradients are multiplied before anything else
   * @return the gradient's Euclidean norm before clipping
   */
  double step(TrainingSettings settings, double learningRate, double scale) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor gradient = store.flatGradients();
      double norm = gradient.norm().item_double() * scale;
      if (!Double.isFinite(norm)) {
        throw new TrainingDiverged(
            "the gradient is %s. Maybe lower the learning rate, %s."
                .formatted(norm, settings.peakLearningRate()));
      }
      Tensor g = gradient.mul(new Scalar(scale * Math.min(1, settings.clipNorm() / (norm + 1e-6))));
      g.addcmul_(store.flatValues(), decayed, new Scalar(settings.weightDecay()));
      velocity.mul_(new Scalar(settings.momentum()));
      velocity.add_(g);
      g.add_(velocity, new Scalar(settings.momentum()));
      store.flatValues().add_(g, new Scalar(-learningRate));
      return norm;
    }
  }

  float[] velocity() {
    return Torch.toFloats(velocity);
  }

  void velocity(float[] values) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor source = Torch.floats(values, values.length);
      velocity.copy_(source);
      source.close();
    }
  }

  @Override
  public void close() {
    velocity.close();
    decayed.close();
  }
}
