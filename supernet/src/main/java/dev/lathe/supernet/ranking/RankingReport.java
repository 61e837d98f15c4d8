package dev.lathe.supernet.ranking;

import java.util.List;

/**
 * What a {@link RankingStudy} found.
 *
 * @param agreement how far the orders agree, mean over the supernets
 * @param supernets each of them
 * @param architectures the networks, in the order drawn
 * @param standaloneSeconds of wall clock that training all networks alone took, stops left out
 */
public record RankingReport(
    RankAgreement agreement,
    List<Supernet> supernets,
    List<RankedNetwork> architectures,
    double standaloneSeconds) {
  public RankingReport {
    supernets = List.copyOf(supernets);
    architectures = List.copyOf(architectures);
  }

  /**
   * One supernet.
   *
   * @param kendall of its accuracies on validation images with stand-alone accuracy
   * @param kendallOnTest of its accuracies on test images
   * @param kendallWithinBands of its accuracies on validation images, over pairs of one band
   * @param seconds of wall clock that its training took, stops left out
   */
  public record Supernet(
      double kendall, double kendallOnTest, double kendallWithinBands, double seconds) {}
}
