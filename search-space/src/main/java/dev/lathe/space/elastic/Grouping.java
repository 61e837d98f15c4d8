package dev.lathe.space.elastic;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The channels of a trace in groups: those belong together that occur in the same axes, equally
 * often. Each entry of an axis is told by the number of its group and its rank there.
 */
final class Grouping {
  /** An entry that must be kept. */
  static final int KEPT = -1;

  private final List<WidthGroup> groups = new ArrayList<>();
  private final List<FixedGroup> fixed = new ArrayList<>();

  /** By value and axis: {@code group << 16 | rank} of each entry, or {@link #KEPT}. */
  private final Map<String, int[][]> codes = new HashMap<>();

  Grouping(OnnxGraph graph, AxisTrace trace) {
    Ties ties = trace.ties();
    Map<Integer, Long> signatures = signatures(trace);
    Map<Long, List<Integer>> members = new LinkedHashMap<>();
    signatures.forEach(
        (root, signature) -> members.computeIfAbsent(signature, s -> new ArrayList<>()).add(root));
    Map<Integer, String> names = names(graph, trace);
    Map<Integer, Integer> codeOfRoot = new HashMap<>();
    Map<Integer, List<WidthGroup.Place>> places = places(graph, trace);
    for (List<Integer> roots : members.values()) {
      int first = roots.getFirst();
      Optional<Pin> pin = ties.pin(first);
      boolean weighty = places.containsKey(first) && names.containsKey(first);
      if (pin.isPresent() || roots.size() < 2 || !weighty || roots.size() > 0xffff) {
        if (weighty && !pin.equals(Optional.of(Pin.NO_CHANNELS))) {
          Pin why = pin.orElse(new Pin(names.get(first), "they are all tied to one another"));
          fixed.add(new FixedGroup(names.get(first), roots.size(), why));
        }
        continue;
      }
      for (int rank = 0; rank < roots.size(); rank++) {
        codeOfRoot.put(roots.get(rank), groups.size() << 16 | rank);
      }
      groups.add(
          new WidthGroup(
              unique(names.get(first)), roots.size(), places.get(first), readers(trace, first)));
    }
    trace.all().forEach((value, axes) -> codes.put(value, codes(axes, ties, codeOfRoot)));
  }

  List<WidthGroup> groups() {
    return List.copyOf(groups);
  }

  List<FixedGroup> fixed() {
    return List.copyOf(fixed);
  }

  /** The entries of an axis; empty if all of them must be kept. */
  int[] codes(String value, int axis) {
    int[][] axes = codes.get(value);
    return axes == null || axis >= axes.length ? new int[0] : axes[axis];
  }

  /** Whether the trace met a value. */
  boolean isFollowed(String value) {
    return codes.containsKey(value);
  }

  private String unique(String name) {
    long same =
        groups.stream().filter(g -> g.name().replaceFirst("#\\d+$", "").equals(name)).count();
    return same == 0 ? name : name + "#" + (same + 1);
  }

  private static int[][] codes(Axis[] axes, Ties ties, Map<Integer, Integer> codeOfRoot) {
    int[][] result = new int[axes.length][];
    for (int i = 0; i < axes.length; i++) {
      result[i] = new int[0];
      if (!axes[i].isPinned()) {
        int[] entries = axes[i].entries();
        int[] found = new int[entries.length];
        Arrays.setAll(found, e -> codeOfRoot.getOrDefault(ties.root(entries[e]), KEPT));
        if (Arrays.stream(found).anyMatch(code -> code != KEPT)) {
          result[i] = found;
        }
      }
    }
    return result;
  }

  /** A number for where each tied set occurs: which axes, how often. */
  private static Map<Integer, Long> signatures(AxisTrace trace) {
    Map<Integer, Long> signatures = new LinkedHashMap<>();
    long axisNumber = 0;
    for (Axis[] axes : trace.all().values()) {
      for (Axis axis : axes) {
        axisNumber++;
        if (axis.isPinned()) {
          continue;
        }
        Map<Integer, Integer> counts = new LinkedHashMap<>();
        for (int entry : axis.entries()) {
          counts.merge(trace.ties().root(entry), 1, Integer::sum);
        }
        long number = axisNumber;
        counts.forEach(
            (root, count) ->
                signatures.merge(root, mix(0, number, count), (s, _) -> mix(s, number, count)));
      }
    }
    return signatures;
  }

  /** One step of a hash of 64 bits (the finalizer of SplitMix64). */
  private static long mix(long state, long axis, long count) {
    long z = state * 0x9e3779b97f4a7c15L + axis * 0xbf58476d1ce4e5b9L + count;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  /** The first node that makes each tied set. */
  private static Map<Integer, String> names(OnnxGraph graph, AxisTrace trace) {
    Map<Integer, String> names = new HashMap<>();
    for (OnnxNode node : graph.nodes()) {
      for (String output : node.outputs()) {
        Axis[] axes = trace.all().getOrDefault(output, new Axis[0]);
        for (Axis axis : axes) {
          if (!axis.isPinned()) {
            String name = node.name().isEmpty() ? output : node.name();
            for (int entry : axis.entries()) {
              names.putIfAbsent(trace.ties().root(entry), name);
            }
          }
        }
      }
    }
    return names;
  }

  private static Map<Integer, List<WidthGroup.Place>> places(OnnxGraph graph, AxisTrace trace) {
    Map<Integer, List<WidthGroup.Place>> places = new HashMap<>();
    trace
        .all()
        .forEach(
            (value, axes) -> {
              if (graph.initializer(value).isPresent()) {
                for (int i = 0; i < axes.length; i++) {
                  if (!axes[i].isPinned()) {
                    WidthGroup.Place place = new WidthGroup.Place(value, i);
                    Arrays.stream(axes[i].entries())
                        .map(trace.ties()::root)
                        .distinct()
                        .forEach(
                            root ->
                                places.computeIfAbsent(root, r -> new ArrayList<>()).add(place));
                  }
                }
              }
            });
    return places;
  }

  private static List<Reader> readers(AxisTrace trace, int root) {
    return trace.readers().stream()
        .filter(
            reader -> {
              Axis axis = trace.axes(reader.weight())[reader.weightAxis()];
              return !axis.isPinned()
                  && Arrays.stream(axis.entries()).anyMatch(e -> trace.ties().root(e) == root);
            })
        .toList();
  }
}
