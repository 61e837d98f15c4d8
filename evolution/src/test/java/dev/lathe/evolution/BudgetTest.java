package dev.lathe.evolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.space.Architecture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BudgetTest {
  private final SearchProblem problem =
      SearchProblem.of(
          new LayeredSpace(5, 4), Objective.minimize("error"), Objective.minimize("cost"));
  private final Search search = Search.start(new RandomSearch(), problem, 1);

  private boolean spent(Budget budget) {
    return budget.spent(problem, search.state(), Duration.ofSeconds(5));
  }

  private void tell(double error, double cost) {
    Architecture asked = search.ask(1).getFirst();
    search.tell(List.of(Evaluation.of(asked, Map.of("error", error, "cost", cost))));
  }

  private void fail() {
    search.tell(List.of(Evaluation.failed(search.ask(1).getFirst(), "timed out after 60 s")));
  }

  @Test
  void evaluations_countFailedButNotPendingOnes() {
    Budget two = new Budget.Evaluations(2);
    tell(5, 5);
    search.ask(3);
    assertThat(spent(two)).isFalse();
    search.tell(List.of(Evaluation.failed(search.pending().getFirst(), "timed out")));
    assertThat(spent(two)).isTrue();
  }

  @Test
  void time_isSpentWhenReached() {
    assertThat(spent(new Budget.Time(Duration.ofSeconds(6)))).isFalse();
    assertThat(spent(new Budget.Time(Duration.ofSeconds(5)))).isTrue();
  }

  @Test
  void stagnation_isSpentOnlyWhereTheLastResultsAddTooLittle() {
    Budget still = new Budget.Stagnation(3, 0.01);
    tell(10, 10);
    tell(5, 5); // 25 up to (10, 10)
    tell(9, 9);
    tell(8, 8);
    assertThat(spent(still)).isFalse(); // the first alone has no volume
    fail();
    assertThat(spent(still)).isTrue(); // dominated, dominated, failed
    tell(4, 5);
    assertThat(spent(still)).isFalse(); // 30 after 25
    tell(3.99, 5);
    tell(9, 9);
    assertThat(spent(still)).isFalse(); // the gain of 4 is among the last three still
    tell(9.5, 9);
    assertThat(spent(still)).isTrue(); // 30.05 after 30: less than a hundredth
    assertThat(spent(new Budget.Stagnation(3, 0.001))).isFalse();
  }

  @Test
  void stagnation_isNotSpentWhileNothingIsFeasible() {
    SearchProblem hard = problem.constrained(Constraint.atMost("cost", 1));
    for (int i = 0; i < 9; i++) {
      tell(5, 5);
    }
    Budget still = new Budget.Stagnation(2, 0);
    assertThat(still.spent(hard, search.state(), Duration.ZERO)).isFalse();
  }

  @Test
  void firstOf_isSpentWithAnyOfThem_alsoAfterAResume() {
    Budget any = Budget.firstOf(new Budget.Evaluations(12), new Budget.Time(Duration.ofMinutes(1)));
    List<Boolean> unbroken = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      tell(5 - i * 0.1, 5);
      unbroken.add(spent(any));
      Search resumed = Search.resume(problem, SearchState.parse(search.state().toJson()));
      assertThat(any.spent(problem, resumed.state(), Duration.ofSeconds(5)))
          .isEqualTo(unbroken.getLast());
    }
    assertThat(unbroken.subList(0, 11)).containsOnly(false);
    assertThat(unbroken.getLast()).isTrue();
    assertThat(any.spent(problem, search.state(), Duration.ofMinutes(1))).isTrue();
  }

  @Test
  void budgets_refuseWhatMakesNoSense() {
    assertThatThrownBy(() -> new Budget.Evaluations(0)).hasMessageContaining("0 evaluations");
    assertThatThrownBy(() -> new Budget.Time(Duration.ZERO)).hasMessageContaining("PT0S");
    assertThatThrownBy(() -> new Budget.Stagnation(0, 0)).hasMessageContaining("over 0");
    assertThatThrownBy(() -> new Budget.Stagnation(5, Double.NaN)).hasMessageContaining("NaN");
  }
}
