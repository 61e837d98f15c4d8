package dev.lathe.evolution;

import dev.lathe.evolution.genotype.ArchitectureCodec;
import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.SearchSpace;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All trials of a search in the order of asking: the one thing that a search remembers, and all
 * that a {@link Proposer} may look at.
 */
public final class Trials {
  private final SearchProblem problem;
  private final SearchSpace space;
  private final ArchitectureCodec codec;
  private final RandomStreams randomness;
  private final Metrics metrics;
  private final boolean repeats;
  private final BigInteger spaceSize;
  private final List<Architecture> architectures = new ArrayList<>();
  private final List<@Nullable Evaluation> results = new ArrayList<>();
  private final List<@Nullable Individual> individuals = new ArrayList<>();
  private final Set<Architecture> seen = new HashSet<>();

  /** Once new ones are hard to find: all that are left, with some seen since. */
  private @Nullable List<Architecture> rest;

  Trials(SearchProblem problem, RandomStreams randomness, boolean repeats) {
    this.problem = problem;
    this.space = problem.space();
    this.codec = new ArchitectureCodec(space);
    this.randomness = randomness;
    this.metrics = new Metrics(problem);
    this.repeats = repeats;
    this.spaceSize = space.size();
  }

  public SearchProblem problem() {
    return problem;
  }

  public SearchSpace space() {
    return space;
  }

  ArchitectureCodec codec() {
    return codec;
  }

  public RandomStreams randomness() {
    return randomness;
  }

  public int size() {
    return architectures.size();
  }

  public Architecture architecture(int trial) {
    return architectures.get(trial);
  }

  /** The result of a trial; null while it is pending. */
  public @Nullable Evaluation result(int trial) {
    return results.get(trial);
  }

  /** The trial as an individual; null while it is pending, and if it failed. */
  @Nullable Individual individual(int trial) {
    return individuals.get(trial);
  }

  /** All measured trials, in the order of asking. */
  List<Individual> measured() {
    List<Individual> measured = new ArrayList<>();
    for (Individual individual : individuals) {
      if (individual != null) {
        measured.add(individual);
      }
    }
    return measured;
  }

  public boolean seen(Architecture architecture) {
    return seen.contains(architecture);
  }

  /** Adds a pending trial, unless the architecture (which must be canonical) was seen before. */
  public boolean claim(Architecture architecture) {
    if (!repeats && !seen.add(architecture)) {
      return false;
    }
    architectures.add(architecture);
    results.add(null);
    individuals.add(null);
    return true;
  }

  /** Random numbers of the next trial. */
  public RandomGenerator nextRandom() {
    return randomness.at("ask", architectures.size());
  }

  /** Claims a random new architecture; false if there is none left. */
  public boolean claimFresh() {
    return claimFresh(nextRandom());
  }

  public boolean claimFresh(RandomGenerator random) {
    if (repeats) {
      return claim(space.sample(random));
    }
    if (BigInteger.valueOf(seen.size()).compareTo(spaceSize) >= 0) {
      return false;
    }
    for (int attempt = 0; attempt < 200; attempt++) {
      if (claim(space.sample(random))) {
        return true;
      }
    }
    if (rest == null) {
      rest = new ArrayList<>(space.all().orElse(Stream.empty()).filter(a -> !seen(a)).toList());
    }
    rest.removeIf(seen::contains);
    return !rest.isEmpty() && claim(rest.get(random.nextInt(rest.size())));
  }

  /** The result as an individual, or null if it failed. */
  @Nullable Individual individual(int trial, Evaluation result) {
    return switch (result) {
      case Evaluation.Failed _ -> null;
      case Evaluation.Measured measured ->
          new Individual(
              trial,
              measured.architecture(),
              codec,
              metrics.values(measured.metrics()),
              problem.costs(measured.metrics()),
              problem.violation(measured.metrics()));
    };
  }

  void tell(int trial, Evaluation result, @Nullable Individual individual) {
    results.set(trial, result);
    individuals.set(trial, individual);
  }
}
