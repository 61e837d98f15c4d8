package dev.lathe.supernet.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.space.NetworkSpace;
import dev.lathe.supernet.Lesson;
import dev.lathe.supernet.TinyTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RankingStudyTest {
  private static final RankingPlan PLAN =
      new RankingPlan(5, 4, 2, 2, 12, 6, 16, 2, Lesson.FAIR, 64);

  @TempDir Path folder;

  private final NetworkSpace space = TinyTask.space();
  private final DataSet data = TinyTask.data();

  private RankingReport study(Path where, Progress progress) throws IOException {
    return new RankingStudy(PLAN, data, space, where, progress).run();
  }

  @Test
  void studyThatWasKilled_endsWithTheFiguresOfOneThatWasNot() throws IOException {
    RankingReport unbroken = study(folder.resolve("a"), Progress.none());
    assertThat(unbroken.supernets()).hasSize(2);
    assertThat(Files.readAllBytes(folder.resolve("a/supernet-fair-12-0.safetensors")))
        .as("each supernet has weights and lessons of its own")
        .isNotEqualTo(Files.readAllBytes(folder.resolve("a/supernet-fair-12-1.safetensors")));
    assertThat(unbroken.agreement().kendall())
        .isCloseTo(
            unbroken.supernets().stream()
                .mapToDouble(RankingReport.Supernet::kendall)
                .average()
                .orElseThrow(),
            within(1e-12));
    assertThat(unbroken.architectures())
        .hasSize(4)
        .allSatisfy(network -> assertThat(network.standalone()).hasSize(2));
    for (int kills = 0; kills < 3; kills++) {
      int at = 2 * kills + 1;
      int[] calls = {0};
      assertThatThrownBy(
              () ->
                  study(
                      folder.resolve("b"),
                      (fraction, message) -> {
                        if (message.startsWith("alone") && ++calls[0] == at) {
                          throw new IllegalStateException("killed");
                        }
                      }))
          .hasMessage("killed");
    }
    RankingReport resumed = study(folder.resolve("b"), Progress.none());
    assertThat(resumed.architectures()).isEqualTo(unbroken.architectures());
    assertThat(resumed.agreement()).isEqualTo(unbroken.agreement());
  }

  @Test
  void otherSupernets_areComparedWithTheTrainingsThatAreThere() throws IOException {
    RankingReport fair = study(folder, Progress.none());
    RankingPlan sandwich = new RankingPlan(5, 4, 2, 1, 10, 6, 16, 2, Lesson.SANDWICH, 64);
    RankingReport report = new RankingStudy(sandwich, data, space, folder, Progress.none()).run();
    assertThat(report.architectures())
        .extracting(RankedNetwork::standalone)
        .isEqualTo(fair.architectures().stream().map(RankedNetwork::standalone).toList());
    assertThat(report.standaloneSeconds()).isEqualTo(fair.standaloneSeconds());
    assertThat(report.architectures())
        .extracting(RankedNetwork::inherited)
        .isNotEqualTo(fair.architectures().stream().map(RankedNetwork::inherited).toList());
  }

  @Test
  void folderOfAnotherStudy_isRefused() throws IOException {
    new RankingStudy(PLAN, data, space, folder, Progress.none());
    assertThatThrownBy(
            () -> new RankingStudy(PLAN.withSteps(12, 7), data, space, folder, Progress.none()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another study");
  }
}
