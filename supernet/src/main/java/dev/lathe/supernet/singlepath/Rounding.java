package dev.lathe.supernet.singlepath;

import dev.lathe.latency.singlepath.Gates;
import dev.lathe.space.Architecture;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * From learnt gates to an architecture that meets a latency target. An open gate is worth what it
 * costs, times the sigmoid of its margin. While the network is too slow, the gate that is worth
 * least for what closing it saves is closed; then, as long as the sum of what the open gates are
 * worth grows, a gate is opened, for others that are closed if need be.
 *
 * @param costs of the gates that exist, in milliseconds
 */
record Rounding(
    Superkernels kernels,
    double[] costs,
    ToDoubleFunction<Architecture> latencyMillis,
    double targetMillis) {
  /**
   * The architecture.
   *
   * @param margins of the gates that exist: open from 0 on
   * @throws IllegalArgumentException if even the smallest network is too slow
   */
  Architecture of(double[] margins) {
    double[] worth = new double[margins.length];
    for (int i = 0; i < worth.length; i++) {
      worth[i] = costs[i] / (1 + Math.exp(-margins[i]));
    }
    double[] values = Arrays.stream(margins).map(m -> m >= 0 ? 1 : 0).toArray();
    values = filled(fastEnough(values, worth, -1).orElseThrow(this::tooFast), worth);
    return kernels.architecture(kernels.gates(values));
  }

  private IllegalArgumentException tooFast() {
    double[] closed = new double[kernels.positions().size()];
    return new IllegalArgumentException(
        "no network of the space is as fast as %.4f ms; the fastest takes %.4f ms."
            .formatted(targetMillis, millis(closed)));
  }

  /** Closes gates, one of them excepted, until the target is met; empty if it cannot be. */
  private Optional<double[]> fastEnough(double[] open, double[] worth, int excepted) {
    double[] values = open;
    double millis = millis(values);
    while (millis > targetMillis) {
      double[] best = values;
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i < values.length; i++) {
        double[] closed = changed(values, i, 0);
        double saved = i == excepted ? 0 : millis - millis(closed);
        if (saved > 0 && worth[i] / saved < least) {
          best = closed;
          least = worth[i] / saved;
        }
      }
      if (best == values) {
        return Optional.empty();
      }
      values = best;
      millis = millis(values);
    }
    return Optional.of(values);
  }

  private double[] filled(double[] fast, double[] worth) {
    double[] values = fast;
    while (true) {
      double[] best = values;
      for (int i = 0; i < values.length; i++) {
        if (values[i] == 0) {
          Optional<double[]> opened = fastEnough(changed(values, i, 1), worth, i);
          if (opened.isPresent() && worth(opened.get(), worth) > worth(best, worth) * (1 + 1e-9)) {
            best = opened.get();
          }
        }
      }
      if (best == values) {
        return values;
      }
      values = best;
    }
  }

  /** The sum over the open gates of blocks that are there. */
  private double worth(double[] values, double[] worth) {
    List<Gates> gates = kernels.gates(values);
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      int block = kernels.positions().get(i).block();
      if (kernels.presence(block).stream().allMatch(other -> gates.get(other).present() == 1)) {
        sum += values[i] * worth[i];
      }
    }
    return sum;
  }

  private static double[] changed(double[] values, int gate, double value) {
    double[] copy = values.clone();
    copy[gate] = value;
    return copy;
  }

  private double millis(double[] values) {
    return latencyMillis.applyAsDouble(kernels.architecture(kernels.gates(values)));
  }
}
