package dev.lathe.space.elastic;

import dev.lathe.onnx.OnnxNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows axes through a change of shape. Where axes are merged, each entry of the result is tied
 * to the entry that it comes from; where one is split, one of the new axes goes on counting (heads
 * of attention, groups of channels) and the others need all their entries.
 */
final class ReshapeRule {
  private static final long MOST_ENTRIES = 1 << 22;

  private final Ties ties;
  private final Map<String, Integer> carriers;
  private final Map<String, List<Integer>> splits = new LinkedHashMap<>();

  ReshapeRule(Ties ties, Map<String, Integer> carriers) {
    this.ties = ties;
    this.carriers = carriers;
  }

  Map<String, List<Integer>> splits() {
    return splits;
  }

  Axis[] apply(OnnxNode node, long[] from, long[] to, Axis[] axes) {
    Axis[] result = new Axis[to.length];
    Arrays.fill(result, Axis.PLAIN);
    int i = 0;
    int j = 0;
    while (i < from.length || j < to.length) {
      int firstIn = i;
      int firstOut = j;
      long in = i < from.length ? from[i++] : 1;
      long out = j < to.length ? to[j++] : 1;
      while (in != out) {
        if (in < out) {
          in *= from[i++];
        } else {
          out *= to[j++];
        }
      }
      regroup(node, from, to, axes, result, new int[] {firstIn, i, firstOut, j});
    }
    return result;
  }

  /** Axes {@code at[0]} to {@code at[1]} become {@code at[2]} to {@code at[3]}. */
  private void regroup(
      OnnxNode node, long[] from, long[] to, Axis[] axes, Axis[] result, int[] at) {
    int carrier = -1;
    long total = 1;
    for (int i = at[0]; i < at[1]; i++) {
      total *= from[i];
      if (from[i] > 1 && ties.isFree(axes[i])) {
        if (carrier < 0) {
          carrier = i;
        } else {
          ties.pin(axes[i], new Pin(node.label(), "merges them with other channels"));
        }
      }
    }
    List<Integer> wide = new ArrayList<>();
    for (int j = at[2]; j < at[3]; j++) {
      if (to[j] > 1) {
        wide.add(j);
      }
    }
    if (carrier < 0 || total > MOST_ENTRIES) {
      Pin pin = Pin.NO_CHANNELS;
      for (int i = at[0]; i < at[1]; i++) {
        if (total > MOST_ENTRIES) {
          ties.pin(axes[i], new Pin(node.label(), "makes an axis that is too long"));
        }
        if (from[i] > 1) {
          pin = pinOf(axes[i]);
        }
      }
      for (int j : wide) {
        result[j] = Axis.pinned(pin);
      }
      return;
    }
    int inner = 1;
    for (int i = carrier + 1; i < at[1]; i++) {
      inner *= (int) from[i];
    }
    int[] flat = new int[(int) total];
    int[] entries = axes[carrier].entries();
    for (int p = 0; p < flat.length; p++) {
      flat[p] = entries[p / inner % entries.length];
    }
    split(node, to, flat, wide, at[3], result);
  }

  private Pin pinOf(Axis axis) {
    return axis.isPinned() ? axis.pin() : ties.pin(axis.entries()[0]).orElse(Pin.NO_CHANNELS);
  }

  private void split(
      OnnxNode node, long[] to, int[] flat, List<Integer> wide, int end, Axis[] result) {
    if (wide.size() == 1) {
      result[wide.getFirst()] = Axis.of(flat);
      return;
    }
    splits.put(node.output(), wide);
    int carrier = carriers.getOrDefault(node.output(), -1);
    if (carrier < 0) {
      carrier = outermost(to, flat, wide, end);
    }
    int size = (int) to[carrier];
    int inner = inner(to, carrier, end);
    int[] entries = new int[size];
    Arrays.fill(entries, -1);
    for (int p = 0; p < flat.length; p++) {
      int index = p / inner % size;
      if (entries[index] < 0) {
        entries[index] = flat[p];
      } else {
        ties.tie(entries[index], flat[p]);
      }
    }
    for (int axis : wide) {
      result[axis] =
          axis == carrier
              ? Axis.of(entries)
              : Axis.pinned(new Pin(node.label(), "splits it off other channels"));
    }
  }

  /** The first axis that need tie no entries of its own together, else that which ties fewest. */
  private int outermost(long[] to, int[] flat, List<Integer> wide, int end) {
    int best = wide.getFirst();
    int most = 0;
    for (int axis : wide) {
      int parts = parts(flat, (int) to[axis], inner(to, axis, end));
      if (parts == to[axis]) {
        return axis;
      }
      if (parts > most) {
        most = parts;
        best = axis;
      }
    }
    return best;
  }

  private static int inner(long[] to, int axis, int end) {
    int inner = 1;
    for (int j = axis + 1; j < end; j++) {
      inner *= (int) to[j];
    }
    return inner;
  }

  /** Into how many parts the entries fall if an axis of the result goes on counting. */
  private int parts(int[] flat, int size, int inner) {
    Ties local = new Ties();
    int[] indices = local.fresh(size).entries();
    Map<Integer, Integer> seen = new HashMap<>();
    for (int p = 0; p < flat.length; p++) {
      int index = indices[p / inner % size];
      Integer other = seen.putIfAbsent(ties.root(flat[p]), index);
      if (other != null) {
        local.tie(other, index);
      }
    }
    return (int) Arrays.stream(indices).map(local::root).distinct().count();
  }
}
