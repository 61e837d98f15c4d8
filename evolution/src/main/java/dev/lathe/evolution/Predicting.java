package dev.lathe.evolution;

import dev.lathe.evolution.surrogate.Encoding.Point;
import dev.lathe.evolution.surrogate.GaussianProcess.Belief;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The proposals of {@link PredictorSearch}. */
final class Predicting implements Proposer {
  private static final int CANDIDATES = 300;

  private final PredictorSearch settings;
  private @Nullable Models models;
  private @Nullable Design design;

  Predicting(PredictorSearch settings) {
    this.settings = settings;
  }

  @Override
  public void propose(Trials trials, int count) {
    if (models == null) {
      models = new Models(trials.problem());
    }
    if (design == null) {
      design = new Design(trials.space(), trials.randomness(), settings.initial());
    }
    int end = trials.size() + count;
    while (trials.size() < Math.min(end, settings.initial())) {
      Architecture planned = design.architecture(trials.size());
      if (!trials.claim(planned) && !trials.claimFresh()) {
        return;
      }
    }
    List<Individual> measured = trials.measured();
    if (trials.size() < end && measured.size() >= 2) {
      models.learn(trials, measured);
      choose(trials, measured, models, end);
    }
    while (trials.size() < end && trials.claimFresh()) {}
  }

  private static final class Candidate {
    final Architecture architecture;
    final List<Belief> beliefs;
    final double success;

    Candidate(Architecture architecture, List<Belief> beliefs, double success) {
      this.architecture = architecture;
      this.beliefs = beliefs;
      this.success = success;
    }
  }

  private void choose(Trials trials, List<Individual> measured, Models learned, int end) {
    RandomGenerator random = trials.randomness().at("predict", trials.size());
    List<Candidate> candidates = new ArrayList<>();
    InnerEvolution evolution = new InnerEvolution(trials, learned);
    for (Architecture architecture : evolution.promising(measured, CANDIDATES, random)) {
      Point point = learned.encode(architecture);
      candidates.add(
          new Candidate(architecture, learned.beliefs(point), learned.successProbability(point)));
    }
    Acquisition acquisition =
        new Acquisition(trials.problem(), learned.metrics(), measured, trials.size(), random);
    while (trials.size() < end && !candidates.isEmpty()) {
      Candidate best = candidates.getFirst();
      double bestScore = Double.NEGATIVE_INFINITY;
      for (Candidate candidate : candidates) {
        double score = acquisition.score(candidate.beliefs, candidate.success);
        if (score > bestScore) {
          bestScore = score;
          best = candidate;
        }
      }
      trials.claim(best.architecture);
      candidates.remove(best);
      acquisition.expect(best.beliefs);
      for (Candidate candidate : candidates) {
        for (int m = 0; m < candidate.beliefs.size(); m++) {
          candidate.beliefs.get(m).given(best.beliefs.get(m));
        }
      }
    }
  }
}
