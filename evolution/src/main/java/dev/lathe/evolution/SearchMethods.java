package dev.lathe.evolution;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/** The search methods that can be named. */
public final class SearchMethods {
  private static final String POPULATION = "survivors of a generation, and children of the next";
  private static final String CROSSOVER = "probability that a child has two parents, 0 to 1";
  private static final String MUTATIONS = "expected number of genes of a child that mutate";

  private static final List<SearchMethodProvider> BUILT_IN =
      List.of(
          new RecordMethod<>(
              new RandomSearch(),
              "Uniformly drawn architectures, none twice: the baseline of every comparison.",
              Map.of()),
          new RecordMethod<>(
              AgingEvolution.standard(),
              "Regularized evolution: the best of a sample is mutated, the oldest die.",
              Map.of(
                  "population", "how many of the youngest live",
                  "sample", "how many of these compete")),
          new RecordMethod<>(
              Nsga2.standard(),
              "NSGA-II: survival by non-dominated rank and crowding distance.",
              Map.of("population", POPULATION, "crossover", CROSSOVER, "mutations", MUTATIONS)),
          new RecordMethod<>(
              UNsga3.standard(),
              "U-NSGA-III: survivors are spread over reference directions, for three and more objectives.",
              Map.of("population", POPULATION, "crossover", CROSSOVER, "mutations", MUTATIONS)),
          new RecordMethod<>(
              PredictorSearch.standard(),
              "Models of all objectives choose what promises most, for evaluations that take a second and more in sum.",
              Map.of(
                  "initial", "architectures before there are models",
                  "batch", "architectures asked for at once afterwards")));

  private SearchMethods() {}

  /** All of them: the built-in ones, then those of other jars. */
  public static List<SearchMethodProvider> all() {
    List<SearchMethodProvider> all = new ArrayList<>(BUILT_IN);
    ServiceLoader.load(SearchMethodProvider.class).forEach(all::add);
    return List.copyOf(all);
  }

  /**
   * The provider of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static SearchMethodProvider named(String name) {
    return all().stream()
        .filter(provider -> provider.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no search method '%s'. Maybe one of %s."
                        .formatted(name, all().stream().map(SearchMethodProvider::name).toList())));
  }
}
