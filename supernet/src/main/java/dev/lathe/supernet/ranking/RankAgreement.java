package dev.lathe.supernet.ranking;

import dev.lathe.latency.regression.RankCorrelation;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How far the order of inherited accuracies agrees with that of the mean stand-alone accuracies.
 * Kendall is tau-b. Two networks lie in one band if some number of multiply-adds is within ±15 % of
 * both; tau over such pairs is (agreeing − disagreeing) ÷ pairs.
 *
 * @param kendall of inherited accuracy
 * @param spearman of inherited accuracy
 * @param kendallOnTest of inherited accuracy on test images, where its own noise is less
 * @param kendallOfMacs of multiply-adds, the simplest predictor
 * @param kendallWithinBands of inherited accuracy, over pairs of one band
 * @param kendallOfMacsWithinBands of multiply-adds, over pairs of one band
 * @param pairsWithinBands how many pairs that are
 * @param kendallOfSeeds of the stand-alone accuracies of one seed with those of another, mean over
 *     the pairs of seeds: what no predictor can be expected to surpass by much; NaN for one seed
 * @param kendallOfSeedsWithinBands the same over pairs of one band
 */
public record RankAgreement(
    double kendall,
    double spearman,
    double kendallOnTest,
    double kendallOfMacs,
    double kendallWithinBands,
    double kendallOfMacsWithinBands,
    int pairsWithinBands,
    double kendallOfSeeds,
    double kendallOfSeedsWithinBands) {
  private static final double BAND = 0.15;

  /** Compares the orders of at least two networks, each with as many seeds. */
  public static RankAgreement of(List<RankedNetwork> networks) {
    double[] alone = values(networks, RankedNetwork::standaloneMean);
    double[] inherited = values(networks, RankedNetwork::inherited);
    double[] macs = values(networks, RankedNetwork::macs);
    int seeds = networks.getFirst().standalone().size();
    double ofSeeds = 0;
    double ofSeedsWithin = 0;
    int pairsOfSeeds = seeds * (seeds - 1) / 2;
    for (int s = 0; s < seeds; s++) {
      for (int t = s + 1; t < seeds; t++) {
        double[] one = ofSeed(networks, s);
        double[] other = ofSeed(networks, t);
        ofSeeds += RankCorrelation.kendall(one, other) / pairsOfSeeds;
        ofSeedsWithin += within(macs, one, other).tau() / pairsOfSeeds;
      }
    }
    Pairs pairs = within(macs, inherited, alone);
    return new RankAgreement(
        RankCorrelation.kendall(inherited, alone),
        RankCorrelation.spearman(inherited, alone),
        RankCorrelation.kendall(values(networks, RankedNetwork::inheritedOnTest), alone),
        RankCorrelation.kendall(macs, alone),
        pairs.tau(),
        within(macs, macs, alone).tau(),
        pairs.count(),
        pairsOfSeeds == 0 ? Double.NaN : ofSeeds,
        pairsOfSeeds == 0 ? Double.NaN : ofSeedsWithin);
  }

  /** The mean of each figure over supernets that were compared on the same networks. */
  static RankAgreement mean(List<RankAgreement> all) {
    return new RankAgreement(
        mean(all, RankAgreement::kendall),
        mean(all, RankAgreement::spearman),
        mean(all, RankAgreement::kendallOnTest),
        mean(all, RankAgreement::kendallOfMacs),
        mean(all, RankAgreement::kendallWithinBands),
        mean(all, RankAgreement::kendallOfMacsWithinBands),
        all.getFirst().pairsWithinBands(),
        mean(all, RankAgreement::kendallOfSeeds),
        mean(all, RankAgreement::kendallOfSeedsWithinBands));
  }

  private static double mean(List<RankAgreement> all, ToDoubleFunction<RankAgreement> value) {
    return all.stream().mapToDouble(value).average().orElseThrow();
  }

  private static double[] values(
      List<RankedNetwork> networks, ToDoubleFunction<RankedNetwork> value) {
    return networks.stream().mapToDouble(value).toArray();
  }

  private static double[] ofSeed(List<RankedNetwork> networks, int seed) {
    return values(networks, network -> network.standalone().get(seed));
  }

  private record Pairs(int count, int agreement) {
    double tau() {
      return (double) agreement / count;
    }
  }

  private static Pairs within(double[] macs, double[] left, double[] right) {
    int count = 0;
    int agreement = 0;
    for (int i = 0; i < macs.length; i++) {
      for (int j = i + 1; j < macs.length; j++) {
        double ratio = Math.max(macs[i], macs[j]) / Math.min(macs[i], macs[j]);
        if (ratio <= (1 + BAND) / (1 - BAND)) {
          count++;
          agreement += (int) (Math.signum(left[i] - left[j]) * Math.signum(right[i] - right[j]));
        }
      }
    }
    return new Pairs(count, agreement);
  }
}
