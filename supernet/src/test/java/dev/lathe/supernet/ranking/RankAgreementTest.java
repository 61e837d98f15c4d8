package dev.lathe.supernet.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RankAgreementTest {
  private static RankedNetwork network(long macs, double inherited, double... standalone) {
    return new RankedNetwork(
        Map.of(),
        macs,
        inherited,
        1 - inherited,
        java.util.Arrays.stream(standalone).boxed().toList());
  }

  @Test
  void agreement_comparesWithTheMeanOverSeeds() {
    RankAgreement agreement =
        RankAgreement.of(
            List.of(
                network(100, 0.1, 0.6, 0.2),
                network(200, 0.2, 0.3, 0.7),
                network(300, 0.3, 0.9, 0.9)));
    assertThat(agreement.kendall()).isCloseTo(1, within(1e-12));
    assertThat(agreement.spearman()).isCloseTo(1, within(1e-12));
    assertThat(agreement.kendallOnTest()).isCloseTo(-1, within(1e-12));
    assertThat(agreement.kendallOfMacs()).isCloseTo(1, within(1e-12));
    assertThat(agreement.kendallOfSeeds()).isCloseTo(1 / 3.0, within(1e-12));
  }

  @Test
  void bands_countOnlyPairsOfAboutEqualMacs() {
    // 100 and 135 lie in the band around 117, 100 and 136 in none
    RankAgreement agreement =
        RankAgreement.of(
            List.of(
                network(100, 0.5, 0.5),
                network(135, 0.4, 0.6),
                network(1000, 0.9, 0.9),
                network(136_000, 1, 1)));
    assertThat(agreement.pairsWithinBands()).isEqualTo(1);
    assertThat(agreement.kendallWithinBands()).isEqualTo(-1);
    assertThat(agreement.kendallOfMacsWithinBands()).isEqualTo(1);
    assertThat(agreement.kendall()).isCloseTo(4 / 6.0, within(1e-12));
    assertThat(agreement.kendallOfSeeds()).isNaN();
    assertThat(
            RankAgreement.of(List.of(network(100, 0.5, 0.5), network(136, 0.4, 0.6)))
                .pairsWithinBands())
        .isZero();
  }
}
