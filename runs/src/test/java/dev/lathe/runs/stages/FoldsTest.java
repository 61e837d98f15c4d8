package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.Progress;
import dev.lathe.space.RandomStreams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldsTest {
  private static final RandomStreams STREAMS = new RandomStreams(1);

  private static DataSet pictures(Path folder, int each) throws IOException {
    FewPictures.write(folder, 3, each);
    return DataSets.load("folder:" + folder, DataOptions.of(1), Progress.none());
  }

  @Test
  void everyImage_judgesOnce_andTeachesOtherwise(@TempDir Path folder) throws IOException {
    DataSet data = pictures(folder, 20);
    Folds folds = Folds.of(data, STREAMS).orElseThrow();
    int all = data.train().size() + data.validation().size();
    assertThat(folds.data().train().size()).isEqualTo(all);
    int judged = 0;
    for (int f = 0; f < Folds.COUNT; f++) {
      int held = folds.held(f).size();
      judged += held;
      assertThat(folds.without(f).train().size()).isEqualTo(all - held);
      Set<Integer> classes = new HashSet<>();
      for (int label : folds.held(f).labels()) {
        classes.add(label);
      }
      assertThat(classes).as("every class in every fold").hasSize(3);
      assertThat(folds.without(f).test()).isSameAs(data.test());
    }
    assertThat(judged).isEqualTo(all);
  }

  @Test
  void sameSeed_sameFolds(@TempDir Path folder) throws IOException {
    DataSet data = pictures(folder, 12);
    assertThat(Folds.of(data, STREAMS).orElseThrow().fold())
        .isEqualTo(Folds.of(data, new RandomStreams(1)).orElseThrow().fold());
  }

  @Test
  void imagesThatValidateByTheirOwnersWill_areNeverLearntFrom(@TempDir Path folder)
      throws IOException {
    FewPictures.write(folder.resolve("train"), 3, 12);
    FewPictures.write(folder.resolve("val"), 3, 4);
    DataSet data = DataSets.load("folder:" + folder, DataOptions.of(1), Progress.none());
    assertThat(Folds.of(data, STREAMS)).isEmpty();
  }

  @Test
  void builtinImages_areMany() {
    DataSet data =
        DataSets.load("builtin", DataOptions.of(1).withAtMost(100, 20, 20), Progress.none());
    assertThat(Folds.of(data, STREAMS)).isEmpty();
  }
}
