package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CourseTest {
  private static void goesOnWithoutJumps(Course course, List<Stage> stages) {
    double done = 0;
    for (Stage stage : stages) {
      assertThat(course.at(stage, 0)).as("%s begins", stage).isCloseTo(done, within(1e-9));
      assertThat(course.at(stage, 1)).as("%s ends", stage).isGreaterThan(done + 0.02);
      done = course.at(stage, 1);
    }
    assertThat(done).isCloseTo(1, within(1e-9));
  }

  @Test
  void searchOfCuts_goesFromTuningToMeasuringWithoutAJump() {
    goesOnWithoutJumps(
        Course.of(true, "predictor", false),
        List.of(Stage.DATA, Stage.CALIBRATION, Stage.SEARCH, Stage.FINE_TUNING, Stage.MEASURING));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyMethod_goesOnWithoutAJump_withBaselinesAndWithout(boolean baselines) {
    List<Stage> last =
        baselines
            ? List.of(Stage.FINE_TUNING, Stage.BASELINES, Stage.MEASURING)
            : List.of(Stage.FINE_TUNING, Stage.MEASURING);
    List<Stage> first = List.of(Stage.DATA, Stage.CALIBRATION, Stage.TRAINING);
    goesOnWithoutJumps(
        Course.of(false, Methods.SINGLE_PATH, baselines), joined(first, List.of(), last));
    goesOnWithoutJumps(
        Course.of(false, Methods.NETADAPT, baselines), joined(first, List.of(Stage.SEARCH), last));
    goesOnWithoutJumps(
        Course.of(false, "nsga2", baselines), joined(first, List.of(Stage.SEARCH), last));
  }

  private static List<Stage> joined(List<Stage> a, List<Stage> b, List<Stage> c) {
    return java.util.stream.Stream.of(a, b, c).flatMap(List::stream).toList();
  }
}
