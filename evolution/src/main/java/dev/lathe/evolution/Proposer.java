package dev.lathe.evolution;

/** What distinguishes the methods: which architectures come next, given the trials so far. */
interface Proposer {
  /**
   * Claims up to {@code count} architectures ({@link Trials#claim}); fewer only if it finds no more
   * that are new. Must be a function of the trials alone.
   */
  void propose(Trials trials, int count);

  static Proposer of(SearchMethod method) {
    return switch (method) {
      case RandomSearch _ -> Proposer::random;
      case AgingEvolution aging -> new Aging(aging);
      case PredictorSearch predictor -> new Predicting(predictor);
      case Nsga2 nsga2 -> new Generations(nsga2);
      case UNsga3 unsga3 -> new Generations(unsga3);
    };
  }

  private static void random(Trials trials, int count) {
    for (int i = 0; i < count && trials.claimFresh(); i++) {}
  }
}
