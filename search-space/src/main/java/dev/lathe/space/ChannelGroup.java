package dev.lathe.space;

import java.util.List;

/**
 * Channels that can change places: permuting all axes of a group alike leaves what a network
 * computes as it is. So the channels that matter can be put in front, where smaller architectures
 * find them.
 *
 * @param axes where the channels occur
 * @param filters the axes whose slices make the channels, from which their weight is told; some of
 *     {@code axes}
 */
public record ChannelGroup(List<Axis> axes, List<Axis> filters) {
  /** One dimension of a stored tensor. */
  public record Axis(String tensor, int dimension) {}

  public ChannelGroup {
    axes = List.copyOf(axes);
    filters = List.copyOf(filters);
    if (filters.isEmpty() || !axes.containsAll(filters)) {
      throw new IllegalArgumentException(
          "the filters of a group of channels must be some of its axes, not %s."
              .formatted(filters));
    }
  }
}
