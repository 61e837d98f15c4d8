package dev.lathe.evolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.SearchSpace;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SearchTest {
  private record Digits(int count, int choices) implements SearchSpace {
    @Override
    public String name() {
      return "digits";
    }

    @Override
    public List<Gene> genes() {
      return IntStream.range(0, count)
          .mapToObj(
              i -> new Gene("g" + i, IntStream.range(0, choices).mapToObj(c -> "" + c).toList()))
          .toList();
    }
  }

  private static Evaluation evaluate(Architecture architecture) {
    double sum = 0;
    double other = 0;
    for (int i = 0; i < architecture.size(); i++) {
      sum += architecture.choice(i);
      other += (4 - architecture.choice(i)) * (i + 1) / 3.0;
    }
    return Evaluation.of(architecture, Map.of("a", sum, "b", other));
  }

  @Test
  void nsga2_findsTheFrontAndResumes() {
    SearchProblem problem =
        SearchProblem.of(new Digits(6, 5), Objective.minimize("a"), Objective.minimize("b"));
    Search unbroken = Search.start(Nsga2.standard(), problem, 1);
    Search broken = Search.start(Nsga2.standard(), problem, 1);
    for (int i = 0; i < 20; i++) {
      List<Architecture> asked = unbroken.ask(30);
      assertThat(broken.ask(30)).isEqualTo(asked);
      if (i % 3 == 0) {
        broken = Search.resume(problem, SearchState.parse(broken.state().toJson()));
        assertThat(broken.pending()).isEqualTo(asked);
      }
      unbroken.tell(asked.stream().map(SearchTest::evaluate).toList());
      broken.tell(asked.reversed().stream().map(SearchTest::evaluate).toList());
    }
    assertThat(broken.state()).isEqualTo(unbroken.state());
    assertThat(unbroken.front()).hasSizeGreaterThan(5);
  }
}
