package dev.lathe.evolution;

import dev.lathe.space.Architecture;
import java.util.Collection;
import java.util.List;

/**
 * A search that asks for evaluations and is told results. It does not care who evaluates: this
 * process, a farm, a cluster, or a user's own trainer. What it asks next is a function of its seed,
 * of what it asked before, and of the results told, not of the time or order in which results of
 * the same batch arrive. Not safe for use by several threads at once.
 */
public interface SearchAlgorithm {
  /** The natural number of architectures to ask for at once. */
  int batch();

  /**
   * The next architectures to evaluate: canonical, distinct, never asked or told before. Never
   * waits: with results outstanding it goes on from those it has.
   *
   * @param atMost how many, at least 1
   * @return fewer than {@code atMost} only if the space has no more; empty if it is exhausted
   */
  List<Architecture> ask(int atMost);

  /**
   * Takes results, of architectures asked for or of others (known from elsewhere: a warm start;
   * those are made canonical).
   *
   * @throws IllegalArgumentException if an architecture already has a result, is not of the space,
   *     or lacks a metric that an objective or constraint reads; nothing is taken in then
   */
  void tell(Collection<? extends Evaluation> results);

  /**
   * Architectures asked for and not yet told, in the order asked: to be evaluated after a resume.
   */
  List<Architecture> pending();

  /** The non-dominated feasible results so far, in the order in which they were asked for. */
  List<Evaluation.Measured> front();

  /** Everything that {@link Search#resume} needs to go on exactly as this would. */
  SearchState state();
}
