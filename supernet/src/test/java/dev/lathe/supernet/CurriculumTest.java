package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.NetworkGraph;
import dev.lathe.graph.Operator.Conv2d;
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

  private static int kernel(NetworkGraph graph) {
    return graph.nodes().stream()
        .filter(node -> node.name().equals("stage1.block1.depthwise"))
        .map(node -> (Conv2d) node.operator())
        .mapToInt(Conv2d::kernel)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void fairLesson_hasEveryChoiceOnceAndTheLargestFirst() {
    Curriculum fair = Curriculum.fair(space, new RandomStreams(1), 3);
    for (int step = 0; step < 20; step++) {
      List<NetworkGraph> lesson = fair.at(step);
      assertThat(lesson).hasSize(4);
      assertThat(kernel(lesson.getFirst())).isEqualTo(7);
      assertThat(lesson.subList(1, 4).stream().map(CurriculumTest::kernel))
          .containsExactlyInAnyOrder(3, 5, 7);
    }
    assertThat(fair.at(3)).isEqualTo(Curriculum.fair(space, new RandomStreams(1), 3).at(3));
  }
}
