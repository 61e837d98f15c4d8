package dev.lathe.evolution;

import java.util.List;

/**
 * A way to search, with its settings: a value that is kept in the {@link SearchState}. Start one
 * with {@link Search#start}.
 */
public sealed interface SearchMethod
    permits RandomSearch, AgingEvolution, Nsga2, UNsga3, PredictorSearch {
  /** The name by which {@link #named} finds it. */
  String name();

  /** The natural number of architectures to ask for at once. */
  int batch();

  /** All methods, each with its default settings. */
  static List<SearchMethod> all() {
    return List.of(
        new RandomSearch(),
        AgingEvolution.standard(),
        Nsga2.standard(),
        UNsga3.standard(),
        PredictorSearch.standard());
  }

  /**
   * The method of that name with its default settings.
   *
   * @throws IllegalArgumentException if there is none
   */
  static SearchMethod named(String name) {
    return all().stream()
        .filter(method -> method.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no search method '%s'. Maybe one of %s."
                        .formatted(name, all().stream().map(SearchMethod::name).toList())));
  }
}
