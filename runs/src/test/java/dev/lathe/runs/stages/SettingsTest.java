package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.evolution.Budget;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.supernet.Lesson;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void budget_isOfGenerationsUnlessMoreIsAskedFor() {
    assertThat(Settings.of(Map.of("population", 10, "generations", 4)).budget())
        .isEqualTo(Budget.firstOf(new Budget.Evaluations(40)));
    assertThat(
            Settings.of(
                    Map.of(
                        "population", 10, "generations", 4, "stagnation", 20, "searchSeconds", 60))
                .budget())
        .isEqualTo(
            Budget.firstOf(
                new Budget.Evaluations(40),
                new Budget.Stagnation(20, 1e-3),
                new Budget.Time(Duration.ofMinutes(1))));
  }

  @Test
  void settings_outOfRangeOrUnknownAreNamed() {
    assertThatThrownBy(() -> Settings.of(Map.of("stagnation", -1)))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("stagnation");
    assertThatThrownBy(() -> Settings.of(Map.of("stagnation?", 1)))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("stagnation?");
    assertThatThrownBy(() -> Settings.of(Map.of("lesson", "Fair")))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("Fair")
        .hasMessageContaining("[sandwich, fair]");
  }

  @Test
  void lesson_isChosenByName() {
    assertThat(Settings.of(Map.of()).lesson()).isEqualTo(Lesson.FAIR);
    assertThat(Settings.of(Map.of("lesson", "sandwich")).lesson()).isEqualTo(Lesson.SANDWICH);
  }
}
