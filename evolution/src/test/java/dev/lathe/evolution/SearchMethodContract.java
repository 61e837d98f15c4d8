package dev.lathe.evolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What every search method promises; one subclass a method. */
abstract class SearchMethodContract {
  private static final int EVALUATIONS = 90;

  /** Small enough that 90 evaluations are several generations or batches. */
  abstract SearchMethod method();

  final SearchProblem problem(int maxDepth) {
    return SearchProblem.of(
        new LayeredSpace(maxDepth, 4), Objective.minimize("error"), Objective.minimize("cost"));
  }

  private static List<Architecture> run(
      Search search, int evaluations, Function<Architecture, Evaluation> evaluator) {
    List<Architecture> all = new ArrayList<>();
    while (all.size() < evaluations) {
      List<Architecture> asked = search.ask(Math.min(search.batch(), evaluations - all.size()));
      if (asked.isEmpty()) {
        break;
      }
      all.addAll(asked);
      search.tell(asked.stream().map(evaluator).toList());
    }
    return all;
  }

  @Test
  void ask_neverRepeatsAndIsCanonical() {
    SearchProblem problem = problem(5);
    Search search = Search.start(method(), problem, 3);
    List<Architecture> asked = run(search, EVALUATIONS, LayeredSpace::evaluate);
    assertThat(asked).hasSize(EVALUATIONS).doesNotHaveDuplicates();
    assertThat(asked).allMatch(a -> problem.space().canonical(a).equals(a));
  }

  @Test
  void ask_readsAWholeSmallSpaceAndThenIsEmpty() {
    SearchProblem problem = problem(3);
    Search search = Search.start(method(), problem, 4);
    List<Architecture> asked = run(search, 1000, LayeredSpace::evaluate);
    assertThat(asked).hasSize(4 + 16 + 64).doesNotHaveDuplicates();
    assertThat(search.ask(5)).isEmpty();
  }

  @Test
  void sameSeed_asksTheSame_anotherDoesNot() {
    List<Architecture> first =
        run(Search.start(method(), problem(5), 5), EVALUATIONS, LayeredSpace::evaluate);
    assertThat(run(Search.start(method(), problem(5), 5), EVALUATIONS, LayeredSpace::evaluate))
        .isEqualTo(first);
    assertThat(run(Search.start(method(), problem(5), 6), EVALUATIONS, LayeredSpace::evaluate))
        .isNotEqualTo(first);
  }

  /** Killed at three places, with results outstanding, and resumed from JSON text. */
  @Test
  void resume_goesOnExactlyAsIfNeverKilled() {
    SearchProblem problem = problem(5);
    Search unbroken = Search.start(method(), problem, 7);
    Search broken = Search.start(method(), problem, 7);
    Set<Integer> kills = Set.of(21, 49, 77);
    int step = 7;
    for (int count = 0; count < EVALUATIONS; count += step) {
      List<Architecture> asked = unbroken.ask(step);
      assertThat(broken.ask(step)).isEqualTo(asked);
      unbroken.tell(asked.stream().map(LayeredSpace::evaluate).toList());
      broken.tell(asked.subList(0, 3).stream().map(LayeredSpace::evaluate).toList());
      if (kills.contains(count)) {
        broken = Search.resume(problem, SearchState.parse(broken.state().toJson()));
      }
      assertThat(broken.pending()).isEqualTo(asked.subList(3, step));
      broken.tell(broken.pending().stream().map(LayeredSpace::evaluate).toList());
    }
    assertThat(broken.state()).isEqualTo(unbroken.state());
    assertThat(broken.front()).isEqualTo(unbroken.front()).isNotEmpty();
  }

  @Test
  void tell_orderWithinABatchDoesNotMatter() {
    Search straight = Search.start(method(), problem(5), 8);
    Search reversed = Search.start(method(), problem(5), 8);
    for (int round = 0; round < 12; round++) {
      List<Architecture> asked = straight.ask(8);
      assertThat(reversed.ask(8)).isEqualTo(asked);
      straight.tell(asked.stream().map(LayeredSpace::evaluate).toList());
      reversed.tell(asked.reversed().stream().map(LayeredSpace::evaluate).toList());
    }
    assertThat(reversed.state()).isEqualTo(straight.state());
  }

  @Test
  void failedEvaluations_countAndTheSearchGoesOn() {
    Search search = Search.start(method(), problem(5), 9);
    List<Architecture> asked =
        run(
            search,
            EVALUATIONS,
            a ->
                a.hashCode() % 3 == 0
                    ? Evaluation.failed(a, "out of memory")
                    : LayeredSpace.evaluate(a));
    assertThat(asked).hasSize(EVALUATIONS).doesNotHaveDuplicates();
    assertThat(search.front()).isNotEmpty();
    assertThat(search.front()).noneMatch(m -> m.architecture().hashCode() % 3 == 0);
  }

  @Test
  void everythingFailing_isSurvived() {
    Search search = Search.start(method(), problem(4), 10);
    assertThat(run(search, 60, a -> Evaluation.failed(a, "device gone"))).hasSize(60);
    assertThat(search.front()).isEmpty();
  }

  @Test
  void constraints_areMetByTheFront() {
    SearchProblem problem = problem(5).constrained(Constraint.atMost("cost", 9));
    Search search = Search.start(method(), problem, 11);
    run(search, EVALUATIONS, LayeredSpace::evaluate);
    assertThat(search.front()).isNotEmpty().allMatch(m -> m.metrics().get("cost") <= 9);
  }

  @Test
  void constraintsThatNothingMeets_leaveAnEmptyFront() {
    SearchProblem problem = problem(4).constrained(Constraint.atMost("cost", 0.5));
    Search search = Search.start(method(), problem, 11);
    assertThat(run(search, 60, LayeredSpace::evaluate)).hasSize(60);
    assertThat(search.front()).isEmpty();
  }

  @Test
  void warmStart_isUsedAndNotAskedAgain() {
    SearchProblem problem = problem(4);
    Search source = Search.start(new RandomSearch(), problem, 12);
    List<Evaluation> known = source.ask(40).stream().map(LayeredSpace::evaluate).toList();
    Search search = Search.start(method(), problem, 13);
    search.tell(known);
    List<Architecture> asked = run(search, 50, LayeredSpace::evaluate);
    Set<Architecture> seen = new HashSet<>(asked);
    known.forEach(evaluation -> assertThat(seen.add(evaluation.architecture())).isTrue());
    assertThat(search.state().trials()).hasSize(90);
  }

  @Test
  void tell_refusesAResultTwiceAndAMissingMetric() {
    Search search = Search.start(method(), problem(4), 14);
    Architecture asked = search.ask(1).getFirst();
    SearchState before = search.state();
    assertThatThrownBy(() -> search.tell(List.of(Evaluation.of(asked, Map.of("error", 1.0)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cost");
    assertThat(search.state()).isEqualTo(before);
    search.tell(List.of(LayeredSpace.evaluate(asked)));
    assertThatThrownBy(() -> search.tell(List.of(LayeredSpace.evaluate(asked))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("already has a result");
  }

  @Test
  void oneObjective_isSearchedToo() {
    SearchProblem problem =
        SearchProblem.of(
            new LayeredSpace(5, 4),
            MnasReward.soft("error", "cost", 5),
            Objective.minimize("cost"));
    SearchProblem single =
        new SearchProblem(problem.space(), problem.objectives().subList(0, 1), List.of());
    Search search = Search.start(method(), single, 15);
    assertThat(run(search, EVALUATIONS, LayeredSpace::evaluate)).hasSize(EVALUATIONS);
    assertThat(search.front()).isNotEmpty();
  }

  @Test
  void threeObjectives_areSearchedToo() {
    SearchProblem problem =
        new SearchProblem(
            new LayeredSpace(5, 4),
            List.of(
                Objective.minimize("error"),
                Objective.minimize("cost"),
                Objective.minimize("depth")),
            List.of());
    Search search = Search.start(method(), problem, 16);
    run(
        search,
        EVALUATIONS,
        a ->
            switch (LayeredSpace.evaluate(a)) {
              case Evaluation.Measured(var architecture, var metrics) ->
                  Evaluation.of(
                      architecture,
                      Map.of(
                          "error", metrics.get("error"),
                          "cost", metrics.get("cost"),
                          "depth", (double) architecture.choice(0)));
              case Evaluation.Failed failed -> failed;
            });
    assertThat(search.front()).hasSizeGreaterThan(5);
  }
}
