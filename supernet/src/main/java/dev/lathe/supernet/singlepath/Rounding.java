package dev.lathe.supernet.singlepath;

import dev.lathe.latency.singlepath.Gates;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.singlepath.Superkernels.Position;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The architecture nearest to learnt gates that meets a latency target: while it is too slow, the
 * gate that is open by the smallest margin for what closing it saves is closed; then, while there
 * is room, the gate that is nearest to opening is opened.
 */
record Rounding(
    Superkernels kernels, ToDoubleFunction<Architecture> latencyMillis, double targetMillis) {
  /**
   * The architecture.
   *
   * @param margins of the gates that exist: open from 0 on
   * @throws IllegalArgumentException if even the smallest network is too slow
   */
  Architecture of(double[] margins) {
    double[] values = Arrays.stream(margins).map(margin -> margin >= 0 ? 1 : 0).toArray();
    double millis = millis(values);
    while (millis > targetMillis) {
      int best = -1;
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i < values.length; i++) {
        double saved = values[i] == 1 ? millis - millis(changed(values, i, 0)) : 0;
        double price = Math.max(margins[i], 1e-3) / saved;
        if (saved > 0 && price < least) {
          best = i;
          least = price;
        }
      }
      if (best < 0) {
        throw new IllegalArgumentException(
            "no network of the space is as fast as %.4f ms; this one takes %.4f ms."
                .formatted(targetMillis, millis));
      }
      values[best] = 0;
      millis = millis(values);
    }
    while (true) {
      int best = -1;
      for (int i = 0; i < values.length; i++) {
        if (values[i] == 0
            && (best < 0 || margins[i] > margins[best])
            && changes(values, i)
            && millis(changed(values, i, 1)) <= targetMillis) {
          best = i;
        }
      }
      if (best < 0) {
        return kernels.architecture(kernels.gates(values));
      }
      values[best] = 1;
    }
  }

  /** Whether opening a gate makes another network: not if its block is skipped. */
  private boolean changes(double[] values, int gate) {
    Position position = kernels.positions().get(gate);
    List<Gates> gates = kernels.gates(changed(values, gate, 1));
    return kernels.presence(position.block()).stream()
        .allMatch(block -> gates.get(block).present() == 1);
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
