package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

class BuiltinDataTest {
  private static final DataOptions SMALL = DataOptions.of(5).withAtMost(300, 100, 200);

  @Test
  void builtin_hasTenClassesInEqualShares() {
    DataSet data = DataSets.load("builtin", SMALL, Progress.none());
    assertThat(data.classes())
        .containsExactly(
            "triangle",
            "rectangle",
            "pentagon",
            "disc",
            "star",
            "cross",
            "arc",
            "spiral",
            "striped",
            "checkered");
    assertThat(data.shape()).isEqualTo(new ImageShape(3, 28, 28));
    assertThat(data.train().size()).isEqualTo(300);
    assertThat(data.validation().size()).isEqualTo(100);
    assertThat(data.test().size()).isEqualTo(200);
    assertThat(Arrays.stream(data.test().labels()).filter(label -> label == 7).count())
        .isEqualTo(20);
  }

  @Test
  void builtin_withoutLimits_hasTenThousandTestImages() {
    DataSet data = DataSets.load("builtin", DataOptions.of(1), Progress.none());
    assertThat(data.train().size()).isEqualTo(10_000);
    assertThat(data.validation().size()).isEqualTo(2_000);
    assertThat(data.test().size()).isEqualTo(10_000);
  }

  @Test
  void builtin_sameSeed_isTheSameOnAnyNumberOfThreads() throws Exception {
    DataSet one = DataSets.load("builtin", SMALL, Progress.none());
    try (ForkJoinPool single = new ForkJoinPool(1)) {
      DataSet other = single.submit(() -> DataSets.load("builtin", SMALL, Progress.none())).get();
      assertThat(other.sha256()).isEqualTo(one.sha256());
    }
  }

  @Test
  void builtin_otherSeed_givesOtherImages() {
    DataOptions other = DataOptions.of(6).withAtMost(300, 100, 200);
    assertThat(DataSets.load("builtin", other, Progress.none()).sha256())
        .isNotEqualTo(DataSets.load("builtin", SMALL, Progress.none()).sha256());
  }

  @Test
  void builtin_moreImages_beginWithTheSameOnes() {
    LabelledImages few = DataSets.load("builtin", SMALL, Progress.none()).train();
    LabelledImages more =
        DataSets.load("builtin", SMALL.withAtMost(400, 100, 200), Progress.none()).train();
    for (int i = 0; i < few.size(); i++) {
      assertThat(more.pixels(i)).isEqualTo(few.pixels(i));
    }
  }

  @Test
  void builtin_partsShareNoImage() {
    DataSet data = DataSets.load("builtin", SMALL, Progress.none());
    List<Integer> hashes = new ArrayList<>();
    for (LabelledImages part : List.of(data.train(), data.validation(), data.test())) {
      for (int i = 0; i < part.size(); i++) {
        hashes.add(Arrays.hashCode(part.pixels(i)));
      }
    }
    assertThat(hashes).doesNotHaveDuplicates();
  }

  @Test
  void builtin_cleanDifficulty_isToldApartByNearestNeighbourFarAboveChance() {
    // Without clutter and noise even raw pixels carry the class; this fails if labels and
    // drawings are mixed up.
    ShapeDifficulty clean = new ShapeDifficulty(0.4, 0.41, 0, 0, 0, 0.5, 0);
    DataSet data =
        DataSets.load(
            "builtin",
            DataOptions.of(1).withAtMost(2000, 10, 200).withDifficulty(clean),
            Progress.none());
    assertThat(nearestNeighbourAccuracy(data)).isGreaterThan(0.45);
  }

  @Test
  void builtin_standardDifficulty_isHardForRawPixels() {
    DataSet data =
        DataSets.load("builtin", DataOptions.of(1).withAtMost(2000, 10, 200), Progress.none());
    assertThat(nearestNeighbourAccuracy(data)).isBetween(0.1, 0.45);
  }

  @Test
  void builtin_atOtherResolution_drawsThatSize() {
    DataSet data = DataSets.load("builtin", SMALL.withResolution(40), Progress.none());
    assertThat(data.shape()).isEqualTo(new ImageShape(3, 40, 40));
  }

  @Test
  void load_reportsProgressThatNeverFallsAndEndsAtOne() {
    List<Double> seen = Collections.synchronizedList(new ArrayList<>());
    DataSet data = DataSets.load("builtin", SMALL, (fraction, message) -> seen.add(fraction));
    assertThat(data.train().size()).isEqualTo(300);
    assertThat(seen).isSorted();
    assertThat(seen.getLast()).isEqualTo(1.0);
  }

  @Test
  void difficulty_outOfRange_isNamed() {
    assertThatThrownBy(() -> new ShapeDifficulty(0.4, 0.3, 1, 0.1, 1, 0.1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.4")
        .hasMessageContaining("0.3");
  }

  @Test
  void load_unknownSpec_namesItAndTheKnownOnes() {
    assertThatThrownBy(() -> DataSets.load("imagenet", SMALL, Progress.none()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("'imagenet'")
        .hasMessageContaining("folder:DIR");
  }

  @Test
  void load_moreThanMemoryHolds_isRefusedWithAdvice() {
    assertThatThrownBy(
            () ->
                DataSets.load(
                    "builtin",
                    DataOptions.of(1).withResolution(1024).withAtMost(2_000_000, 1, 1),
                    Progress.none()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("Maybe lower the resolution");
  }

  private static double nearestNeighbourAccuracy(DataSet data) {
    int values = data.shape().values();
    int right = 0;
    for (int i = 0; i < data.test().size(); i++) {
      byte[] image = data.test().pixels(i);
      long best = Long.MAX_VALUE;
      int label = -1;
      for (int k = 0; k < data.train().size(); k++) {
        byte[] other = data.train().pixels(k);
        long distance = 0;
        for (int v = 0; v < values; v++) {
          int difference = (image[v] & 0xff) - (other[v] & 0xff);
          distance += (long) difference * difference;
        }
        if (distance < best) {
          best = distance;
          label = data.train().label(k);
        }
      }
      right += label == data.test().label(i) ? 1 : 0;
    }
    return (double) right / data.test().size();
  }
}
