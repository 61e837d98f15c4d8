package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.evolution.Budget;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SearchRequest;
import dev.lathe.supernet.Lesson;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void budget_isOfTheEvaluationsUnlessMoreIsAskedFor() {
    SearchRequest.Budget open = SearchRequest.Budget.OPEN;
    assertThat(Settings.of(Map.of()).budget(open)).isEmpty();
    assertThat(
            Settings.of(Map.of("searchSeconds", 60))
                .budget(new SearchRequest.Budget(open.minutes(), open.evaluations(), 20)))
        .contains(
            Budget.firstOf(
                new Budget.Stagnation(20, 1e-3), new Budget.Time(Duration.ofMinutes(1))));
  }

  @Test
  void members_areFewerInShortRuns_unlessAskedFor() {
    Settings open = Settings.of(Map.of());
    assertThat(open.fitting(100, false, 50, 0).members()).isEqualTo(2);
    assertThat(open.fitting(100, false, 110, 0).members()).isEqualTo(3);
    assertThat(open.fitting(100, false, 324, 0).members()).isEqualTo(5);
    assertThat(open.fitting(100, true, 180, 0).members()).as("each trained six times").isEqualTo(3);
    assertThat(Settings.of(Map.of("members", 7)).fitting(100, false, 50, 0).members()).isEqualTo(7);
  }

  @Test
  void settings_outOfRangeOrUnknownAreNamed() {
    assertThatThrownBy(() -> Settings.of(Map.of("searchSeconds", -1)))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("searchSeconds");
    assertThatThrownBy(() -> Settings.of(Map.of("stagnation?", 1)))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("stagnation?");
    assertThatThrownBy(() -> Settings.of(Map.of("lesson", "Fair")))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("Fair")
        .hasMessageContaining("[sandwich, fair]");
  }

  @Test
  void limitOfADrop_hasAConfidence() {
    assertThat(Settings.of(Map.of()).limit()).isEmpty();
    assertThat(Settings.of(Map.of("maxDrop", 0.02)).limit().orElseThrow().confidence())
        .isEqualTo(0.95);
    assertThatThrownBy(() -> Settings.of(Map.of("maxDrop", 2)))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("maxDrop is 2");
    assertThatThrownBy(() -> Settings.of(Map.of("maxDrop", 0.1, "confidence", 0.4)))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("confidence is 0.4");
    assertThatThrownBy(() -> Settings.of(Map.of("confidence", 0.9)))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("maxDrop, which is missing");
  }

  @Test
  void lesson_isChosenByName() {
    assertThat(Settings.of(Map.of()).lesson()).isEqualTo(Lesson.FAIR);
    assertThat(Settings.of(Map.of("lesson", "sandwich")).lesson()).isEqualTo(Lesson.SANDWICH);
  }

  @Test
  void balanceOfClasses_isOpenUnlessAskedFor() {
    assertThat(Settings.of(Map.of()).balanceClasses()).isEmpty();
    assertThat(
            Settings.of(Map.of("balanceClasses", false))
                .fitting(100, false, 60, 0)
                .balanceClasses())
        .contains(false);
    assertThatThrownBy(() -> Settings.of(Map.of("balanceClasses", "auto")))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("balanceClasses is auto; it must be true or false");
  }
}
