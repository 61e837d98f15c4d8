package dev.lathe.evolution.surrogate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.evolution.surrogate.Encoding.Point;
import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ModelTest {
  /** Ten genes, each with alternatives of its own. */
  private record Choices() implements SearchSpace {
    @Override
    public String name() {
      return "choices";
    }

    @Override
    public List<Gene> genes() {
      return IntStream.range(0, 10)
          .mapToObj(g -> new Gene("g" + g, List.of("a" + g, "b" + g, "c" + g, "d" + g)))
          .toList();
    }
  }

  private static final double[][] EFFECTS = effects();

  private static double[][] effects() {
    SplittableRandom random = new SplittableRandom(5);
    double[][] effects = new double[10][4];
    for (double[] gene : effects) {
      for (int choice = 0; choice < 4; choice++) {
        gene[choice] = random.nextDouble();
      }
    }
    return effects;
  }

  private static double sum(Architecture architecture) {
    return IntStream.range(0, 10).mapToDouble(g -> EFFECTS[g][architecture.choice(g)]).sum();
  }

  private final Choices space = new Choices();
  private final Encoding encoding = new Encoding(space);

  private List<Architecture> sample(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return IntStream.range(0, count).mapToObj(_ -> space.sample(random)).toList();
  }

  private Model chosen(ToDoubleFunction<Architecture> metric) {
    List<Architecture> known = sample(120, 1);
    return Model.chosen(
        encoding,
        known.stream().map(encoding::encode).toList(),
        known.stream().mapToDouble(metric).toArray());
  }

  private double heldOutError(ToDoubleFunction<Architecture> metric) {
    List<Architecture> known = sample(120, 1);
    List<Point> points = known.stream().map(encoding::encode).toList();
    double[] values = known.stream().mapToDouble(metric).toArray();
    GaussianProcess process = GaussianProcess.fitted(encoding, points, values);
    process.observe(points, values);
    return sample(200, 2).stream()
        .mapToDouble(
            a -> Math.abs(process.predict(encoding.encode(a)) / metric.applyAsDouble(a) - 1))
        .average()
        .orElseThrow();
  }

  @Test
  void sumOfEffects_isLearnedOnItsOwnScaleAndWell() {
    assertThat(chosen(ModelTest::sum).scale()).isEqualTo(Scale.Kind.LINEAR);
    assertThat(heldOutError(ModelTest::sum)).isLessThan(0.005);
  }

  @Test
  void productOfEffects_isLearnedOnLogarithms() {
    ToDoubleFunction<Architecture> product = a -> Math.exp(1.5 * sum(a));
    assertThat(chosen(product).scale()).isEqualTo(Scale.Kind.LOGARITHMIC);
    assertThat(heldOutError(product)).isLessThan(0.03);
  }

  @Test
  void chosenModel_hasTheLeastErrorOfAll() {
    List<Architecture> known = sample(60, 6);
    List<Point> points = known.stream().map(encoding::encode).toList();
    List<ToDoubleFunction<Architecture>> metrics =
        List.of(
            ModelTest::sum,
            a -> sum(a) * sum(a.with(0, 0)),
            a -> EFFECTS[a.choice(0)][a.choice(1)] + 3 * EFFECTS[a.choice(1)][a.choice(2)]);
    for (ToDoubleFunction<Architecture> metric : metrics) {
      double[] values = known.stream().mapToDouble(metric).toArray();
      double least = Double.POSITIVE_INFINITY;
      for (Model.Family family : Model.Family.values()) {
        for (Scale.Kind scale : Scale.Kind.values()) {
          least = Math.min(least, Model.fitted(encoding, family, scale, points, values).error());
        }
      }
      assertThat(Model.chosen(encoding, points, values).error()).isEqualTo(least);
    }
  }

  @Test
  void compositeKernel_isChosenWhereAFewGenesDecide() {
    assertThat(
            chosen(a -> EFFECTS[a.choice(0)][a.choice(1)] + 3 * EFFECTS[a.choice(1)][a.choice(2)])
                .family())
        .isEqualTo(Model.Family.COMPOSITE);
  }

  @Test
  void equalValues_arePredictedAsSuch() {
    assertThat(heldOutError(_ -> 3)).isLessThan(1e-9);
    assertThat(chosen(_ -> 0).error()).isZero();
  }

  @Test
  void leaveOneOut_isWhatAModelWithoutThePointPredicts() {
    List<Point> points = sample(30, 3).stream().map(encoding::encode).toList();
    double[] scores = sample(30, 3).stream().mapToDouble(ModelTest::sum).toArray();
    for (Covariance covariance :
        List.of(
            new Kernel(encoding, Kernel.prior(encoding)), new PairKernel(encoding, 2, 0.3, 0.05))) {
      double[] predicted = new LeaveOneOut(encoding, covariance, points, scores).predicted();
      for (int left = 0; left < 30; left++) {
        List<Point> others = new ArrayList<>(points);
        Point out = others.remove(left);
        double[] theirs = new double[29];
        Cholesky cholesky = new Cholesky();
        for (int i = 0; i < 29; i++) {
          theirs[i] = scores[i < left ? i : i + 1];
          double[] column = new double[i];
          for (int j = 0; j < i; j++) {
            column[j] = covariance.of(others.get(i), others.get(j));
          }
          cholesky.append(column, covariance.variance() + covariance.noise());
        }
        double[] alpha = cholesky.solve(theirs);
        double mean = 0;
        for (int i = 0; i < 29; i++) {
          mean += alpha[i] * covariance.of(others.get(i), out);
        }
        assertThat(predicted[left]).isCloseTo(mean, within(1e-9));
      }
    }
  }

  @Test
  void row_isTheCovarianceWithEach() {
    SearchSpace shared = new LetterSpace();
    Encoding letters = new Encoding(shared);
    SplittableRandom random = new SplittableRandom(8);
    List<Point> points =
        IntStream.range(0, 40).mapToObj(_ -> letters.encode(shared.sample(random))).toList();
    Columns columns = new Columns(letters);
    points.forEach(columns::add);
    for (Covariance covariance :
        List.of(
            new Kernel(letters, Kernel.prior(letters)), new PairKernel(letters, 2, 0.3, 0.05))) {
      for (Point point : points) {
        double[] row = covariance.row(columns, point);
        for (int i = 0; i < 40; i++) {
          assertThat(row[i]).isCloseTo(covariance.of(points.get(i), point), within(1e-12));
        }
      }
    }
  }

  /** Two alphabets, one of numbers, and genes that share them. */
  private record LetterSpace() implements SearchSpace {
    @Override
    public String name() {
      return "letters";
    }

    @Override
    public List<Gene> genes() {
      return IntStream.range(0, 7)
          .mapToObj(g -> new Gene("g" + g, g < 4 ? List.of("x", "y", "z") : List.of("1", "2", "4")))
          .toList();
    }
  }

  @Test
  void warp_scoresAreTheInverseOfItsValues() {
    double[] values = sample(50, 4).stream().mapToDouble(ModelTest::sum).toArray();
    Warp warp = new Warp(values);
    for (double score = -4; score <= 4; score += 0.1) {
      double value = warp.value(score);
      if (value > IntStream.range(0, 50).mapToDouble(i -> values[i]).min().orElseThrow()) {
        assertThat(warp.score(value)).isCloseTo(score, within(1e-9));
      }
    }
  }
}
