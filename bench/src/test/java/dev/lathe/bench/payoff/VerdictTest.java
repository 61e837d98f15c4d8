package dev.lathe.bench.payoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.space.RandomStreams;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private static MeasuredPoint point(String network, double accuracy, double millis) {
    return new MeasuredPoint(network, "float32", accuracy, accuracy, millis, 1000);
  }

  private static Contender contender(String name, MeasuredPoint... points) {
    return new Contender(name, List.of(points), 60);
  }

  private static Verdict judge(Contender lathe, Contender... rivals) {
    return Verdict.of(lathe, List.of(rivals), 10, "random", 1);
  }

  @Test
  void hypervolume_isErrorBelowChanceTimesLogarithmOfLatencyBelowTheSlowest() {
    Verdict verdict =
        judge(
            contender("lathe", point("a", 0.8, 1), point("b", 0.9, 2)),
            contender("fixed", point("c", 0.7, 4)));
    double far = Math.log(1.1 * 4);
    // Two overlapping rectangles that end at the reference point.
    double expected = (0.9 - 0.2) * far + (0.9 - 0.1) * (far - Math.log(2));
    expected -= (0.9 - 0.2) * (far - Math.log(2));
    assertThat(verdict.hypervolume().get("lathe")).isCloseTo(expected, within(1e-12));
    assertThat(verdict.hypervolume().get("fixed"))
        .isCloseTo((0.9 - 0.3) * Math.log(1.1), within(1e-12));
  }

  @Test
  void pointsWorseThanChance_haveNoVolume() {
    Verdict verdict =
        judge(contender("lathe", point("a", 0.05, 1)), contender("fixed", point("b", 0.5, 2)));
    assertThat(verdict.hypervolume().get("lathe")).isZero();
  }

  @Test
  void domination_needsOnePointThatIsNoWorseInBothAndBetterInOne() {
    Verdict verdict =
        judge(
            contender("lathe", point("a", 0.8, 1), point("b", 0.9, 3)),
            contender(
                "fixed",
                point("slower", 0.8, 1.5),
                point("equal", 0.8, 1),
                point("between", 0.85, 2),
                point("worse", 0.7, 5)));
    assertThat(verdict.dominated()).containsEntry("fixed", 0.5);
  }

  @Test
  void frontCut_isChosenByValidationAccuracyNotByTest() {
    MeasuredPoint lucky = new MeasuredPoint("lucky", "float32", 0.5, 0.99, 1, 1);
    MeasuredPoint known = new MeasuredPoint("known", "float32", 0.9, 0.8, 1, 1);
    List<MeasuredPoint> best =
        Verdict.best(List.of(lucky, known), 1, new double[] {0.9, Math.log(2)});
    assertThat(best).containsExactly(known);
  }

  @Test
  void frontCut_hasTwiceAsManyPointsAsARivalHasNetworks() {
    Contender lathe =
        contender("lathe", point("a", 0.7, 1), point("b", 0.8, 2), point("c", 0.9, 3));
    Verdict verdict = judge(lathe, contender("fixed", point("d", 0.95, 10)));
    assertThat(verdict.hypervolumeCut().get("lathe"))
        .isLessThan(verdict.hypervolume().get("lathe"));
    assertThat(judge(lathe, contender("fixed", point("d", 0.9, 10), point("e", 0.9, 9))))
        .satisfies(
            all ->
                assertThat(all.hypervolumeCut().get("lathe"))
                    .isEqualTo(all.hypervolume().get("lathe")));
  }

  @Test
  void breakEven_isTheFirstNumberOfPointsAtWhichTheFrontIsLevel() {
    Contender lathe = contender("lathe", point("a", 0.8, 1), point("b", 0.9, 2));
    // One point is better than each of the front's, but not than both together.
    Contender one = contender("fixed", point("c", 0.89, 1.15), point("d", 0.5, 4));
    assertThat(judge(lathe, one).breakEvenPoints()).hasValue(2);
    assertThat(judge(lathe, contender("fixed", point("c", 0.99, 0.5))).breakEvenPoints()).isEmpty();
    assertThat(judge(lathe, contender("fixed", point("c", 0.7, 4))).breakEvenPoints()).hasValue(1);
  }

  @Test
  void improvement_comparesWithTheMostAccurateMemberThatIsNoSlower() {
    List<MeasuredPoint> front = List.of(point("a", 0.8, 1), point("b", 0.9, 2));
    List<MeasuredPoint> random =
        List.of(point("r1", 0.5, 1.5), point("r2", 0.75, 2), point("r3", 0.4, 0.5));
    Improvement found = Improvement.of(front, random, new RandomStreams(1).at("bootstrap", 0));
    assertThat(found.mean()).isCloseTo((0.6 + 0.2 + 1.0) / 3, within(1e-12));
    assertThat(found.uncovered()).isEqualTo(1);
    assertThat(found.low()).isBetween(0.2, found.mean());
    assertThat(found.high()).isBetween(found.mean(), 1.0);
  }

  @Test
  void improvementInterval_drawsNetworksWithAllTheirForms() {
    List<MeasuredPoint> front = List.of(point("a", 0.8, 1));
    List<MeasuredPoint> forms = List.of(point("r", 0.4, 2), point("r", 0.8, 3));
    Improvement found = Improvement.of(front, forms, new RandomStreams(1).at("bootstrap", 0));
    // A single network leaves nothing to draw: the interval is the mean.
    assertThat(found.low()).isEqualTo(found.mean()).isEqualTo(found.high());
    assertThat(found.mean()).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void withoutRandomArchitectures_thereIsNoImprovement() {
    Verdict verdict =
        judge(contender("lathe", point("a", 0.8, 1)), contender("fixed", point("b", 0.5, 2)));
    assertThat(verdict.relativeImprovementOverRandom()).isEmpty();
  }

  @Test
  void emptyFront_isRefused() {
    assertThatThrownBy(() -> judge(contender("lathe"), contender("fixed", point("a", 0.5, 1))))
        .hasMessageContaining("no member of the front could be measured");
  }
}
