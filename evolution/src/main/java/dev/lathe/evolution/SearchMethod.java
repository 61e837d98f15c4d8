package dev.lathe.evolution;

import java.util.List;

/**
 * A way to search, with its settings: a value that is kept in the {@link SearchState}. Start one
 * with {@link Search#start}. Other people's methods come through a {@link SearchMethodProvider}.
 */
public interface SearchMethod {
  /** The name by which {@link SearchMethods#named} finds its provider. */
  String name();

  /** The natural number of architectures to ask for at once. */
  int batch();

  /** A new proposer, which has seen no trial yet. */
  Proposer proposer();

  /** All methods, each with its default settings. */
  static List<SearchMethod> all() {
    return SearchMethods.all().stream().map(SearchMethodProvider::standard).toList();
  }

  /**
   * The method of that name with its default settings.
   *
   * @throws IllegalArgumentException if there is none
   */
  static SearchMethod named(String name) {
    return SearchMethods.named(name).standard();
  }
}
