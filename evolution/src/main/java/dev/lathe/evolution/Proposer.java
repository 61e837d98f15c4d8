package dev.lathe.evolution;

/** What distinguishes the methods: which architectures come next, given the trials so far. */
@FunctionalInterface
public interface Proposer {
  /**
   * Claims up to {@code count} architectures ({@link Trials#claim}); fewer only if it finds no more
   * that are new. Must be a function of the trials alone.
   */
  void propose(Trials trials, int count);
}
