package dev.lathe.evolution;

import dev.lathe.space.Architecture;
import java.util.List;
import java.util.Optional;

/**
 * A search as a value: its method, seed, and all trials in order. There is nothing else to keep:
 * populations, models and random numbers are functions of these.
 *
 * @param repeats whether architectures may be asked for more than once
 */
public record SearchState(SearchMethod method, long seed, boolean repeats, List<Trial> trials) {
  public SearchState {
    trials = List.copyOf(trials);
  }

  /** One architecture, asked for (or told unasked) in this place of the order. */
  public sealed interface Trial {
    Architecture architecture();

    /** Asked for, not yet told. */
    record Pending(Architecture architecture) implements Trial {}

    /** Told. */
    record Told(Evaluation evaluation) implements Trial {
      @Override
      public Architecture architecture() {
        return evaluation.architecture();
      }
    }

    /** The result, if there is one yet. */
    default Optional<Evaluation> result() {
      return switch (this) {
        case Pending _ -> Optional.empty();
        case Told told -> Optional.of(told.evaluation());
      };
    }
  }

  /** The same with these results in place of its trials, in the order in which they were asked. */
  public SearchState withTold(List<? extends Evaluation> told) {
    return new SearchState(
        method, seed, repeats, told.stream().<Trial>map(Trial.Told::new).toList());
  }

  /** As JSON text. */
  public String toJson() {
    return SearchStateJson.write(this);
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException naming what is wrong with the text
   */
  public static SearchState parse(String json) {
    return SearchStateJson.read(json);
  }
}
