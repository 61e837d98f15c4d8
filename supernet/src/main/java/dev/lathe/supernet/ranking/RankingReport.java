package dev.lathe.supernet.ranking;

import java.util.List;

/**
 * What a {@link RankingStudy} found.
 *
 * @param agreement how far the orders agree
 * @param architectures the networks, in the order drawn
 * @param supernetSteps training steps of the supernet
 * @param standaloneSteps training steps of each network alone
 * @param supernetSeconds of wall clock that training the supernet took, stops left out
 * @param standaloneSeconds the same of all networks alone
 */
public record RankingReport(
    RankAgreement agreement,
    List<RankedNetwork> architectures,
    long supernetSteps,
    long standaloneSteps,
    double supernetSeconds,
    double standaloneSeconds) {
  public RankingReport {
    architectures = List.copyOf(architectures);
  }
}
