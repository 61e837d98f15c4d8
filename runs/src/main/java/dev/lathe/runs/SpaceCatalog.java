package dev.lathe.runs;

import java.util.List;

/** The search spaces that come with Lathe, and the check of a user's own. */
public interface SpaceCatalog {
  /** The built-in spaces, the default first. */
  List<SpaceDefinition> builtIn();

  /**
   * Reads a user's space.
   *
   * @throws InvalidSearch naming the field that is wrong
   */
  SpaceDefinition read(String json) throws InvalidSearch;
}
