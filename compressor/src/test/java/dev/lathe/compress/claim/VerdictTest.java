package dev.lathe.compress.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.compress.claim.Verdict.Kind;
import dev.lathe.compress.claim.Verdict.Pair;
import dev.lathe.onnx.OnnxGraph;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private static final Pair SMALLER = new Pair(100, 50);
  private static final Pair FASTER = new Pair(10, 5);

  private static Kind kind(double decibels, Pair bytes, Pair millis) {
    return Verdict.of(decibels, Optional.empty(), bytes, millis).kind();
  }

  @Test
  void gravestFinding_isTheVerdict() {
    assertThat(kind(40, SMALLER, FASTER)).isEqualTo(Kind.GOOD);
    assertThat(kind(Double.POSITIVE_INFINITY, SMALLER, FASTER)).isEqualTo(Kind.GOOD);
    assertThat(kind(15, SMALLER, FASTER)).isEqualTo(Kind.COSTLY);
    assertThat(kind(15, SMALLER, new Pair(10, 11))).isEqualTo(Kind.SLOWER);
    assertThat(kind(40, new Pair(100, 101), new Pair(10, 11))).isEqualTo(Kind.LARGER);
    assertThat(kind(-3, new Pair(100, 101), FASTER)).isEqualTo(Kind.BROKEN);
    assertThat(kind(Double.NaN, SMALLER, FASTER)).isEqualTo(Kind.BROKEN);
  }

  @Test
  void scoreThatIsKept_countsMoreThanDecibels() {
    Score kept = new Score("accuracy", 0.9, 0.899, 0.001, -0.002, 0.004, 5000);
    Score lost = new Score("accuracy", 0.9, 0.7, 0.2, 0.19, 0.21, 5000);
    assertThat(Verdict.of(9, Optional.of(kept), SMALLER, FASTER).kind()).isEqualTo(Kind.GOOD);
    assertThat(Verdict.of(30, Optional.of(lost), SMALLER, FASTER).kind()).isEqualTo(Kind.BROKEN);
  }

  @Test
  void limitThatIsKept_isNotBrokenWhateverItsOutputsLookLike() {
    Budget budget = new Budget(0.1, 0.95);
    Budget.Outcome kept =
        new Budget.Outcome(true, OnnxGraph.create("g", 17), 0.004, 54, 1, List.of(), "");
    Verdict good = Verdict.of(budget, kept, SMALLER, FASTER);
    assertThat(good.kind()).isEqualTo(Kind.GOOD);
    Budget.Outcome lossy =
        new Budget.Outcome(true, OnnxGraph.create("g", 17), 0.08, 900, 1, List.of(), "");
    Verdict costly = Verdict.of(budget, lossy, SMALLER, FASTER);
    assertThat(costly.kind()).isEqualTo(Kind.COSTLY);
    assertThat(costly.reasons().getFirst()).contains("0.0800", "900", "limit of 0.1");
    assertThat(Verdict.of(budget, kept, new Pair(100, 101), FASTER).kind()).isEqualTo(Kind.LARGER);
  }

  private static Score ofNine(int wrong) {
    double[] before = new double[9];
    Arrays.fill(before, 1);
    double[] after = before.clone();
    Arrays.fill(after, 0, wrong, 0);
    return Score.of("accuracy", before, after);
  }

  @Test
  void fewItems_leaveTheDecisionToTheOutputs() {
    Verdict one = Verdict.of(35, Optional.of(ofNine(1)), SMALLER, FASTER);
    assertThat(one.kind()).isEqualTo(Kind.COSTLY);
    assertThat(one.reasons().getFirst()).contains("9 items are too few to tell");
    assertThat(Verdict.of(5, Optional.of(ofNine(1)), SMALLER, FASTER).kind())
        .isEqualTo(Kind.BROKEN);
    assertThat(Verdict.of(-3, Optional.of(ofNine(0)), SMALLER, FASTER).kind())
        .isEqualTo(Kind.BROKEN);
    assertThat(Verdict.of(Double.NaN, Optional.of(ofNine(0)), SMALLER, FASTER).kind())
        .isEqualTo(Kind.BROKEN);
  }

  @Test
  void fewItems_showALossThatIsLarge() {
    Score score = ofNine(5);
    assertThat(score.lower95()).isBetween(0.1, score.drop());
    assertThat(Verdict.of(35, Optional.of(score), SMALLER, FASTER).kind()).isEqualTo(Kind.BROKEN);
  }

  /** The true drop is on the right side of either bound in 95 of 100 draws. */
  @Test
  void boundsOfADrop_holdAsOftenAsTheySay() {
    SplittableRandom random = new SplittableRandom(4);
    int below = 0;
    int above = 0;
    int trials = 400;
    for (int trial = 0; trial < trials; trial++) {
      double[] before = new double[500];
      double[] after = new double[500];
      for (int i = 0; i < before.length; i++) {
        before[i] = random.nextDouble() < 0.8 ? 1 : 0;
        after[i] = random.nextDouble() < 0.05 ? 1 - before[i] : before[i];
      }
      // 5 % of answers turn: 0.05 · (0.8 − 0.2) are lost.
      Score score = Score.of("accuracy", before, after);
      below += score.upper95() >= 0.03 ? 1 : 0;
      above += score.lower95() <= 0.03 ? 1 : 0;
    }
    assertThat(below / (double) trials).isBetween(0.92, 0.99);
    assertThat(above / (double) trials).isBetween(0.92, 0.99);
  }

  @Test
  void equalAnswers_leaveADoubt() {
    double[] all = new double[100];
    Arrays.fill(all, 1);
    Score score = Score.of("accuracy", all, all);
    assertThat(score.drop()).isZero();
    assertThat(score.upper95()).isCloseTo(0.0164, within(0.001));
  }
}
