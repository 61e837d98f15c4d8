package dev.lathe.evolution.front;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fast algorithms against the definitions, on points with many ties. */
class FrontsTest {
  /** Costs are multiples of 1/grid, so that equal coordinates and equal points are common. */
  private static double[][] points(int count, int objectives, int grid, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] points = new double[count][objectives];
    for (double[] point : points) {
      for (int m = 0; m < objectives; m++) {
        point[m] = random.nextInt(grid) / (double) grid;
      }
    }
    return points;
  }

  /** Front numbers by peeling: the definition. */
  private static int[] peeled(double[][] points) {
    int[] ranks = new int[points.length];
    Arrays.fill(ranks, -1);
    for (int rank = 0, left = points.length; left > 0; rank++) {
      List<Integer> front = new ArrayList<>();
      for (int i = 0; i < points.length; i++) {
        int candidate = i;
        if (ranks[i] < 0
            && IntStream.range(0, points.length)
                .noneMatch(
                    j -> ranks[j] < 0 && Dominance.dominates(points[j], points[candidate]))) {
          front.add(i);
        }
      }
      for (int i : front) {
        ranks[i] = rank;
      }
      left -= front.size();
    }
    return ranks;
  }

  @ParameterizedTest
  @CsvSource({"1,5", "2,6", "2,1000", "3,5", "3,1000", "4,4", "5,3"})
  void nonDominatedSort_agreesWithPeeling(int objectives, int grid) {
    for (long seed = 0; seed < 15; seed++) {
      double[][] points = points(80, objectives, grid, seed);
      int[] expected = peeled(points);
      assertThat(NonDominatedSort.ranks(points)).isEqualTo(expected);
      assertThat(NonDominatedSort.nonDominated(points))
          .isEqualTo(IntStream.range(0, 80).filter(i -> expected[i] == 0).toArray());
    }
  }

  @ParameterizedTest
  @CsvSource({"1,9", "2,6", "2,1000", "3,6", "3,1000", "4,5", "5,1000"})
  void archive_holdsTheNonDominatedPoints(int objectives, int grid) {
    for (long seed = 0; seed < 15; seed++) {
      double[][] points = points(400, objectives, grid, seed);
      ParetoArchive<Integer> archive = new ParetoArchive<>(objectives);
      for (int i = 0; i < points.length; i++) {
        assertThat(archive.add(points[i], i)).isEqualTo(!coveredBefore(points, i));
      }
      int[] front = NonDominatedSort.nonDominated(points);
      int[] first =
          IntStream.of(front)
              .filter(
                  i -> IntStream.range(0, i).noneMatch(j -> Arrays.equals(points[i], points[j])))
              .toArray();
      assertThat(archive.entries().stream().map(ParetoArchive.Entry::value))
          .containsExactlyInAnyOrder(IntStream.of(first).boxed().toArray(Integer[]::new));
    }
  }

  private static boolean coveredBefore(double[][] points, int i) {
    return IntStream.range(0, i).anyMatch(j -> Dominance.covers(points[j], points[i]));
  }

  @Test
  void archive_refusesNaN() {
    assertThatThrownBy(() -> new ParetoArchive<String>(2).add(new double[] {1, Double.NaN}, "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NaN");
  }

  /** Volume by counting grid cells that a point covers. */
  private static double counted(double[][] points, int objectives, int grid) {
    int cells = (int) Math.pow(grid, objectives);
    int covered = 0;
    double[] corner = new double[objectives];
    for (int cell = 0; cell < cells; cell++) {
      int code = cell;
      for (int m = 0; m < objectives; m++) {
        corner[m] = (code % grid) / (double) grid;
        code /= grid;
      }
      if (Arrays.stream(points).anyMatch(point -> Dominance.covers(point, corner))) {
        covered++;
      }
    }
    return covered / (double) cells;
  }

  @ParameterizedTest
  @CsvSource({"1,50", "2,30", "3,12", "4,7", "5,5"})
  void hypervolume_agreesWithCountedCells(int objectives, int grid) {
    double[] reference = new double[objectives];
    Arrays.fill(reference, 1);
    for (long seed = 0; seed < 10; seed++) {
      double[][] points = points(25, objectives, grid, seed);
      assertThat(Hypervolume.of(points, reference))
          .isCloseTo(counted(points, objectives, grid), within(1e-9));
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "4"})
  void gain_isWhatAPointAddsToTheHypervolume(int objectives) {
    double[] reference = new double[objectives];
    Arrays.fill(reference, 0.95);
    for (long seed = 0; seed < 10; seed++) {
      double[][] points = points(40, objectives, seed % 2 == 0 ? 10 : 1000, seed);
      Gain gain = new Gain(reference);
      for (int i = 0; i < points.length; i++) {
        double added =
            Hypervolume.of(Arrays.copyOf(points, i + 1), reference)
                - Hypervolume.of(Arrays.copyOf(points, i), reference);
        assertThat(gain.of(points[i])).isCloseTo(added, within(1e-9));
        gain.add(points[i]);
      }
    }
  }

  @Test
  void hypervolume_ofPointsBeyondTheReferenceIsNothing() {
    assertThat(Hypervolume.of(new double[][] {{2, 0}, {0, 2}}, new double[] {1, 1})).isZero();
    assertThat(Hypervolume.of(new double[0][], new double[] {1, 1})).isZero();
  }

  @Test
  void distance_isZeroOnTheFrontItself() {
    double[][] front = {{0, 1}, {0.5, 0.5}, {1, 0}};
    double[] scale = {1, 1};
    assertThat(IgdPlus.of(front, front, scale)).isZero();
  }

  @Test
  void distance_measuresHowFarAFrontIsOff() {
    double[][] front = {{0, 1}, {1, 0}};
    double[][] found = {{0.3, 1}, {1, 0.4}};
    double[] scale = {1, 1};
    assertThat(IgdPlus.of(found, front, scale)).isCloseTo(0.35, within(1e-12));
  }

  @Test
  void crowding_isInfiniteAtTheEndsAndSumsNormalizedGaps() {
    double[][] costs = {{0, 4}, {1, 2}, {3, 1}, {4, 0}};
    assertThat(Crowding.distances(costs, new int[] {0, 1, 2, 3}))
        .containsExactly(
            Double.POSITIVE_INFINITY,
            3 / 4.0 + 3 / 4.0,
            3 / 4.0 + 2 / 4.0,
            Double.POSITIVE_INFINITY);
  }

  @Test
  void referenceDirections_areTheLattice() {
    assertThat(ReferenceDirections.lattice(3, 28)).hasDimensions(28, 3);
    assertThat(ReferenceDirections.lattice(3, 27)).hasDimensions(21, 3);
    assertThat(ReferenceDirections.lattice(4, 2)).hasDimensions(4, 4);
    assertThat(ReferenceDirections.lattice(2, 5))
        .isDeepEqualTo(new double[][] {{0, 1}, {0.25, 0.75}, {0.5, 0.5}, {0.75, 0.25}, {1, 0}});
  }
}
