package dev.lathe.supernet.optimizer;

import dev.lathe.supernet.tensor.Torch;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Adam (Kingma, Ba, arXiv 1412.6980) with weight decay apart from the gradient (Loshchilov, Hutter,
 * arXiv 1711.05101).
 */
final class AdamW implements Optimizer {
  private static final double EPSILON = 1e-8;
  private static final String MEAN = "mean";
  private static final String SQUARE = "square";
  private static final String STEPS = "steps";

  private final Parameters parameters;
  private final Choice.AdamW settings;
  private final Tensor mean;
  private final Tensor square;
  private final Tensor decayed;
  private long steps;

  AdamW(Parameters parameters, Choice.AdamW settings) {
    this.parameters = parameters;
    this.settings = settings;
    this.mean = Torch.zeros(parameters.size());
    this.square = Torch.zeros(parameters.size());
    this.decayed = Torch.floats(parameters.decayMask(), parameters.size());
  }

  @Override
  public void step(double learningRate) {
    steps++;
    double first = settings.first();
    double second = settings.second();
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor g = parameters.gradients();
      Tensor values = parameters.values();
      if (settings.weightDecay() > 0) {
        values.addcmul_(values, decayed, new Scalar(-learningRate * settings.weightDecay()));
      }
      mean.mul_(new Scalar(first)).add_(g, new Scalar(1 - first));
      square.mul_(new Scalar(second)).addcmul_(g, g, new Scalar(1 - second));
      double unbias = Math.sqrt(1 - Math.pow(second, steps));
      Tensor spread = square.sqrt().div_(new Scalar(unbias)).add_(new Scalar(EPSILON));
      double rate = learningRate / (1 - Math.pow(first, steps));
      values.addcdiv_(mean, spread, new Scalar(-rate));
    }
  }

  @Override
  public Map<String, float[]> state() {
    return Map.of(
        MEAN, Torch.toFloats(mean), SQUARE, Torch.toFloats(square), STEPS, new float[] {steps});
  }

  @Override
  public void restore(Map<String, float[]> state) {
    Vectors.restore(mean, state, MEAN);
    Vectors.restore(square, state, SQUARE);
    float[] count = state.get(STEPS);
    if (count == null) {
      throw new IllegalArgumentException("the optimizer's 'steps' are missing.");
    }
    steps = (long) count[0];
  }

  @Override
  public void close() {
    mean.close();
    square.close();
    decayed.close();
  }
}
