package dev.lathe.space.elastic;

import java.util.List;

/**
 * Channels (or heads, or groups of channels) of which any can be left out, each in all places at
 * once.
 *
 * @param name the node that makes them first
 * @param size how many there are, at least 2
 * @param places the weights that have them
 * @param readers the weights that multiply them
 */
public record WidthGroup(String name, int size, List<Place> places, List<Reader> readers) {
  /** One dimension of an initializer. */
  public record Place(String tensor, int axis) {}

  public WidthGroup {
    places = List.copyOf(places);
    readers = List.copyOf(readers);
  }
}
