package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.Subnet;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.space.mobile.MobileSpecReader;
import java.util.List;
import org.junit.jupiter.api.Test;

class CurriculumTest {
  private final MobileSpace space =
      new MobileSpace(
          MobileSpecReader.read(
              """
              input: {channels: 1, resolution: [8]}
              stem: {width: 8, stride: 1}
              stages: [{width: 8, kernel: [3, 5, 7], expansion: [2, 3, 4]}]
              head: {width: 16}
              """),
          2);

  private static int kernel(Subnet subnet) {
    return (int)
        subnet.graph().nodes().stream()
            .filter(node -> node.name().equals("stage1.block1.depthwise"))
            .findFirst()
            .orElseThrow()
            .ints("kernel_shape")[0];
  }

  @Test
  void fairLesson_hasEveryChoiceOnceAndTheLargestFirst() {
    Curriculum.Drawing fair = Curriculum.fairly(space, new RandomStreams(1), 3);
    for (int step = 0; step < 20; step++) {
      List<Subnet> lesson = fair.at(step);
      assertThat(lesson).hasSize(4);
      assertThat(kernel(lesson.getFirst())).isEqualTo(7);
      assertThat(lesson.subList(1, 4).stream().map(CurriculumTest::kernel))
          .containsExactlyInAnyOrder(3, 5, 7);
    }
    assertThat(fair.at(3).stream().map(CurriculumTest::kernel).toList())
        .isEqualTo(
            Curriculum.fairly(space, new RandomStreams(1), 3).at(3).stream()
                .map(CurriculumTest::kernel)
                .toList());
  }

  @Test
  void lesson_trainsTheLargestAloneForThreeFifthsOfTheSteps() {
    try (Curriculum lesson = Lesson.FAIR.curriculum(space, new RandomStreams(1), 10)) {
      for (int step = 0; step < 10; step++) {
        assertThat(lesson.at(step)).hasSize(step < 6 ? 1 : 4);
        assertThat(lesson.at(step).getFirst().teacher()).isEmpty();
      }
    }
  }

  @Test
  void drawnSubnets_learnFromTheFirstAndKeepWhatComesAgain() {
    try (Curriculum sandwich = Curriculum.sandwich(space, new RandomStreams(1), 2)) {
      List<Pupil> first = List.copyOf(sandwich.at(0));
      List<Pupil> second = sandwich.at(1);
      assertThat(first.getFirst().teacher()).isEmpty();
      assertThat(first.subList(1, 4))
          .allSatisfy(pupil -> assertThat(pupil.teacher()).contains(new Pupil.Teacher.Earlier(0)));
      assertThat(second.getFirst().network()).isSameAs(first.getFirst().network());
      assertThat(second.getLast().network()).isSameAs(first.getLast().network());
      assertThat(second.get(1).network()).isNotSameAs(first.get(1).network());
    }
  }
}
