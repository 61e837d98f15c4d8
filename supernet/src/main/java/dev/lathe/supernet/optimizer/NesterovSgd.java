package dev.lathe.supernet.optimizer;

import dev.lathe.supernet.tensor.Torch;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Stochastic gradient descent with Nesterov momentum (Sutskever et al., ICML 2013). */
final class NesterovSgd implements Optimizer {
  private static final String VELOCITY = "velocity";

  private final Parameters parameters;
  private final Choice.Sgd settings;
  private final Tensor velocity;
  private final Tensor decayed;

  NesterovSgd(Parameters parameters, Choice.Sgd settings) {
    this.parameters = parameters;
    this.settings = settings;
    this.decayed = Torch.floats(parameters.decayMask(), parameters.size());
    this.velocity = Torch.zeros(parameters.size());
  }

  @Override
  public void step(double learningRate) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor g =
          parameters
              .gradients()
              .addcmul(parameters.values(), decayed, new Scalar(settings.weightDecay()));
      velocity.mul_(new Scalar(settings.momentum()));
      velocity.add_(g);
      g.add_(velocity, new Scalar(settings.momentum()));
      parameters.values().add_(g, new Scalar(-learningRate));
    }
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
    decayed.close();
  }
}
