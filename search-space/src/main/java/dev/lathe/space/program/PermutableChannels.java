package dev.lathe.space.program;

import dev.lathe.space.ChannelGroup;
import dev.lathe.space.ChannelGroup.Axis;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The channels that may change places in all networks of a space: axes that any network ties
 * together are one group; it is left out if some network uses different numbers of its channels at
 * its axes, or needs their order.
 */
final class PermutableChannels {
  private final List<ChannelTies.Tie> seen = new ArrayList<>();

  void add(List<ChannelTies.Tie> ties) {
    seen.addAll(ties);
    ends.add(seen.size());
  }

  /** Behind the last tie of each network. */
  private final List<Integer> ends = new ArrayList<>();

  List<ChannelGroup> groups() {
    Map<Axis, Set<Axis>> groupOf = new LinkedHashMap<>();
    for (ChannelTies.Tie tie : seen) {
      Set<Axis> group = new LinkedHashSet<>();
      for (Axis axis : tie.axes().keySet()) {
        group.addAll(groupOf.getOrDefault(axis, Set.of(axis)));
      }
      group.forEach(axis -> groupOf.put(axis, group));
    }
    Set<Axis> fixed = new HashSet<>();
    Set<Axis> filters = new HashSet<>();
    int from = 0;
    for (int end : ends) {
      Map<Set<Axis>, Integer> extents = new java.util.IdentityHashMap<>();
      for (ChannelTies.Tie tie : seen.subList(from, end)) {
        filters.addAll(tie.filters());
        tie.axes()
            .forEach(
                (axis, extent) -> {
                  Integer other = extents.putIfAbsent(groupOf.get(axis), extent);
                  if (tie.pinned() || other != null && !other.equals(extent)) {
                    fixed.add(axis);
                  }
                });
      }
      from = end;
    }
    List<ChannelGroup> groups = new ArrayList<>();
    for (Set<Axis> group : new LinkedHashSet<>(groupOf.values())) {
      List<Axis> makers = group.stream().filter(filters::contains).toList();
      if (!makers.isEmpty() && group.stream().noneMatch(fixed::contains)) {
        groups.add(new ChannelGroup(List.copyOf(group), makers));
      }
    }
    return groups;
  }
}
