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
 * λ · ln(run time): the price of gates. λ is 0 during the warm-up; then a goal falls from the
 * latency of the whole network to the target, and λ is raised by a constant factor after each step
 * whose network is slower than the goal, and lowered by the same factor after each other. So gates
 * close one after the other, and λ comes to where accuracy and run time balance. (The paper fixes λ
 * and takes the latency that results. With the target as goal from the start, λ outruns the gates
 * and closes far too many.) Only open gates pay: what a closed one would cost would drive it out of
 * accuracy's reach.
 */
final class RuntimePrice implements GatePrice {
  private static final String LAMBDA = "lambda";
  private static final double FIRST = 0.3;
  private static final double LEAST = 1e-3;
  private static final double MOST = 1e3;

  /** λ can change by this factor within a fifth of the steps after the warm-up. */
  private static final double AGILITY = 10;

  /** The goal reaches the target after this share of the steps after the warm-up. */
  private static final double DESCENT = 0.7;

  private final Superkernels kernels;
  private final RuntimeModel runtimes;
  private final ToDoubleFunction<Architecture> latencyMillis;
  private final double targetMillis;
  private final double wholeMillis;
  private final long warmup;
  private final long steps;
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
    this.wholeMillis =
        latencyMillis.applyAsDouble(kernels.architecture(kernels.gates(new double[0])));
    this.warmup = warmup;
    this.steps = steps;
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
      slopes[i] =
          values[i] * scale * Superkernel.value(derivatives.get(position.block()), position.kind());
    }
    boolean slow = latencyMillis.applyAsDouble(kernels.architecture(gates)) > goalMillis(step);
    lambda = Math.clamp(slow ? lambda * factor : lambda / factor, LEAST, MOST);
    return slopes;
  }

  private double goalMillis(long step) {
    double share = Math.min(1, (step - warmup) / (DESCENT * (steps - warmup)));
    return wholeMillis * Math.pow(targetMillis / wholeMillis, share);
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
