package dev.lathe.compress.claim;

/**
 * Shows that a score drops by no more than a limit, from pairs of values that come one after the
 * other: it may be looked at after each, and stopped at any. A gambler bets against "the drop is
 * larger"; were it so, the capital would stay below 1/α with a probability of 1 − α (Waudby-Smith
 * and Ramdas: Estimating means of bounded random variables by betting, 2023, arXiv:2010.09686). The
 * bets are several constant shares of what may be lost at once, the capital their mean.
 */
public final class DropEvidence {
  private static final double[] SHARES = {0.05, 0.15, 0.3, 0.5, 0.7, 0.9};

  private final double most;
  private final double needed;
  private final double[] logCapitals = new double[SHARES.length];
  private int pairs;
  private double sum;

  /**
   * Evidence of no pair yet.
   *
   * @param most the drop that may not be exceeded, in (0, 1)
   * @param alpha the probability that a larger one passes, in (0, 1)
   */
  public DropEvidence(double most, double alpha) {
    if (!(most > 0 && most < 1 && alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException(
          "the drop and the probability of error lie between 0 and 1, not %s and %s."
              .formatted(most, alpha));
    }
    this.most = most;
    this.needed = 1 / alpha;
  }

  /** Takes the values of one item, both in [0, 1]. */
  public void add(double original, double compressed) {
    double drop = original - compressed;
    for (int i = 0; i < SHARES.length; i++) {
      logCapitals[i] += Math.log1p(SHARES[i] / (1 - most) * (most - drop));
    }
    pairs++;
    sum += drop;
  }

  /** Takes the values of items, the same of both, until it has seen enough. */
  public void addUntilKept(double[] original, double[] compressed) {
    for (int i = 0; i < original.length && !isKept(); i++) {
      add(original[i], compressed[i]);
    }
  }

  /** Whether what was seen so far shows that the limit is kept. */
  public boolean isKept() {
    double capital = 0;
    for (double log : logCapitals) {
      capital += Math.exp(Math.min(log, 600)) / SHARES.length;
    }
    return capital >= needed;
  }

  /** Pairs so far. */
  public int pairs() {
    return pairs;
  }

  /** The mean drop so far. */
  public double drop() {
    return pairs == 0 ? 0 : sum / pairs;
  }

  /** How many pairs without any drop it takes to show the limit. */
  public static int leastPairs(double most, double alpha) {
    DropEvidence test = new DropEvidence(most, alpha);
    while (!test.isKept()) {
      test.add(1, 1);
    }
    return test.pairs();
  }
}
