package dev.lathe.supernet.singlepath;

import dev.lathe.graph.WeightRef.Gate;
import dev.lathe.latency.singlepath.Gates;
import dev.lathe.latency.singlepath.RuntimeModel;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.GatePrice;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * λ · ln(run time): the price of gates. λ is 0 during the warm-up; then it is raised by a constant
 * factor after each step whose network is slower than the target, and lowered by the same factor
 * after each other, so that it comes to where accuracy and run time balance at the target. (The
 * paper fixes λ and takes the latency that results.)
 */
final class RuntimePrice implements GatePrice {
  private static final String LAMBDA = "lambda";
  private static final double FIRST = 0.05;
  private static final double LEAST = 1e-4;
  private static final double MOST = 1e3;

  /** λ can change by this factor within a fifth of the steps after the warm-up. */
  private static final double AGILITY = 100;

  private final Superkernels kernels;
  private final RuntimeModel runtimes;
  private final ToDoubleFunction<Architecture> latencyMillis;
  private final double targetMillis;
  private final long warmup;
  private final double factor;
  private double lambda = FIRST;

  /**
   * A price.
   *
   * @param warmup steps without it
   * @param steps in all
   */
  RuntimePrice(
      Superkernels kernels,
      RuntimeModel runtimes,
      ToDoubleFunction<Architecture> latencyMillis,
      double targetMillis,
      long warmup,
      long steps) {
    this.kernels = kernels;
    this.runtimes = runtimes;
    this.latencyMillis = latencyMillis;
    this.targetMillis = targetMillis;
    this.warmup = warmup;
    this.factor = Math.pow(AGILITY, 5.0 / Math.max(1, steps - warmup));
  }

  double lambda() {
    return lambda;
  }

  @Override
  public List<Gate.OfNorm> gates() {
    return kernels.gates();
  }

  @Override
  public double[] slopes(double[] values, long step) {
    double[] slopes = new double[values.length];
    if (step < warmup) {
      return slopes;
    }
    List<Gates> gates = kernels.gates(values);
    List<Gates> derivatives = runtimes.slopes(gates);
    double scale = lambda / runtimes.millis(gates);
    for (int i = 0; i < slopes.length; i++) {
      Superkernels.Position position = kernels.positions().get(i);
      slopes[i] = scale * Superkernel.value(derivatives.get(position.block()), position.kind());
    }
    boolean slow = latencyMillis.applyAsDouble(kernels.architecture(gates)) > targetMillis;
    lambda = Math.clamp(slow ? lambda * factor : lambda / factor, LEAST, MOST);
    return slopes;
  }

  @Override
  public Map<String, String> notes() {
    return Map.of(LAMBDA, Double.toString(lambda));
  }

  @Override
  public void recall(Map<String, String> notes) {
    if (notes.containsKey(LAMBDA)) {
      lambda = Double.parseDouble(notes.get(LAMBDA));
    }
  }
}
