package dev.lathe.space.elastic;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which of the axes that a Reshape makes of channels goes on counting them: of queries, keys and
 * values in one tensor, the heads and not the three. Tried one after the other, where the first
 * choice pins them all.
 */
final class CarrierChoice {
  private static final int MOST_TRIALS = 400;

  private CarrierChoice() {}

  static AxisTrace best(OnnxGraph graph, Sizes sizes) {
    Map<String, Integer> carriers = new HashMap<>();
    AxisTrace best = AxisTrace.of(graph, sizes, carriers);
    long most = freeElements(best);
    int trials = 0;
    for (Map.Entry<String, List<Integer>> split : Map.copyOf(best.splits()).entrySet()) {
      if (!isPinned(best, split.getKey())) {
        continue;
      }
      for (int axis : split.getValue()) {
        if (++trials > MOST_TRIALS) {
          return best;
        }
        Map<String, Integer> tried = new HashMap<>(carriers);
        tried.put(split.getKey(), axis);
        AxisTrace trace = AxisTrace.of(graph, sizes, tried);
        long free = freeElements(trace);
        if (free > most) {
          most = free;
          best = trace;
          carriers = tried;
        }
      }
    }
    return best;
  }

  private static boolean isPinned(AxisTrace trace, String value) {
    for (Axis axis : trace.axes(value)) {
      if (trace.ties().isFree(axis)) {
        return false;
      }
    }
    return true;
  }

  /** Elements of weights that have an axis of which part can be left out, once an axis. */
  private static long freeElements(AxisTrace trace) {
    long free = 0;
    for (TensorValue tensor : trace.graph().initializers()) {
      Axis[] axes = trace.all().get(tensor.name());
      for (Axis axis : axes == null ? new Axis[0] : axes) {
        if (trace.ties().isFree(axis) && parts(axis, trace.ties()) > 1) {
          free += tensor.elements();
        }
      }
    }
    return free;
  }

  private static int parts(Axis axis, Ties ties) {
    Set<Integer> roots = new HashSet<>();
    for (int entry : axis.entries()) {
      roots.add(ties.root(entry));
    }
    return roots.size();
  }
}
