package dev.lathe.space.program;

import dev.lathe.space.ChannelGroup.Axis;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which axes of stored tensors carry the same channels of one network. */
final class ChannelTies {
  private final List<Integer> parent = new ArrayList<>();
  private final List<Tie> ties = new ArrayList<>();
  private final Map<String, Integer> ofValue = new HashMap<>();

  /**
   * Channels that occur together.
   *
   * @param axes where, and how many are used there
   * @param filters axes of the weights that make them
   * @param pinned whether they must stay in order
   */
  record Tie(Map<Axis, Integer> axes, Set<Axis> filters, boolean pinned) {
    private static Tie empty() {
      return new Tie(new LinkedHashMap<>(), new LinkedHashSet<>(), false);
    }

    private Tie with(Tie other) {
      Map<Axis, Integer> all = new LinkedHashMap<>(axes);
      all.putAll(other.axes);
      Set<Axis> both = new LinkedHashSet<>(filters);
      both.addAll(other.filters);
      return new Tie(all, both, pinned || other.pinned);
    }
  }

  private int root(int tie) {
    int at = tie;
    while (parent.get(at) != at) {
      at = parent.get(at);
    }
    return at;
  }

  private int of(String value) {
    Integer known = ofValue.get(value);
    if (known == null) {
      known = parent.size();
      parent.add(known);
      ties.add(Tie.empty());
      ofValue.put(value, known);
    }
    return root(known);
  }

  /** A stored tensor's dimension runs over a value's channels. */
  void axis(String value, String tensor, int dimension, int extent) {
    ties.get(of(value)).axes().put(new Axis(tensor, dimension), extent);
  }

  /** As {@link #axis}, of weights that make the channels. */
  void filters(String value, String tensor, int dimension, int extent) {
    axis(value, tensor, dimension, extent);
    ties.get(of(value)).filters().add(new Axis(tensor, dimension));
  }

  /** Two values have the same channels. */
  void unite(String left, String right) {
    int a = of(left);
    int b = of(right);
    if (a != b) {
      parent.set(b, a);
      ties.set(a, ties.get(a).with(ties.get(b)));
    }
  }

  /** A value only scales another's channels: what makes it tells nothing of their weight. */
  void gates(String value) {
    ties.get(of(value)).filters().clear();
  }

  /** The channels of a value must stay in order. */
  void pin(String value) {
    int at = of(value);
    Tie tie = ties.get(at);
    ties.set(at, new Tie(tie.axes(), tie.filters(), true));
  }

  /** The ties of stored tensors. */
  List<Tie> all() {
    List<Tie> all = new ArrayList<>();
    for (int i = 0; i < parent.size(); i++) {
      if (parent.get(i) == i && !ties.get(i).axes().isEmpty()) {
        all.add(ties.get(i));
      }
    }
    return all;
  }
}
