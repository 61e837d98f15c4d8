package dev.lathe.supernet.optimizer;

import java.util.Map;

/** Moves weights against their gradients. Holds native memory: close it. */
public interface Optimizer extends AutoCloseable {
  /** Which one, and with what settings. */
  sealed interface Choice {
    /**
     * Stochastic gradient descent with Nesterov momentum.
     *
     * @param momentum in [0, 1)
     * @param weightDecay added to the gradient
     */
    record Sgd(double momentum, double weightDecay) implements Choice {}

    /**
     * Adam with decoupled weight decay.
     *
     * @param first decay of the mean of gradients
     * @param second decay of the mean of their squares
     * @param weightDecay in parts of the learning rate
     */
    record AdamW(double first, double second, double weightDecay) implements Choice {
      /** With the usual decays, 0.9 and 0.999. */
      public static AdamW of(double weightDecay) {
        return new AdamW(0.9, 0.999, weightDecay);
      }
    }

    /**
     * Orthogonalised momentum for matrices, stochastic gradient descent for the rest.
     *
     * @param momentum of both, in [0, 1)
     * @param weightDecay of matrices in parts of the learning rate, of the rest added to the
     *     gradient
     * @param others learning rate of the rest, in parts of that of the matrices
     */
    record Orthogonal(double momentum, double weightDecay, double others) implements Choice {}
  }

  /** A fresh optimizer. */
  static Optimizer of(Choice choice, Parameters parameters) {
    return switch (choice) {
      case Choice.Sgd sgd -> new NesterovSgd(parameters, sgd);
      case Choice.AdamW adam -> new AdamW(parameters, adam);
      case Choice.Orthogonal orthogonal -> new OrthogonalMomentum(parameters, orthogonal);
    };
  }

  /** Moves the values once; leaves the gradients as they are. */
  void step(double learningRate);

  /** What must be kept to go on, each [size of the parameters]. */
  Map<String, float[]> state();

  /**
   * Takes back what {@link #state} gave.
   *
   * @throws IllegalArgumentException naming what is missing or of another size
   */
  void restore(Map<String, float[]> state);

  @Override
  void close();
}
