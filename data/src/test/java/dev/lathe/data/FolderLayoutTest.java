package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders as people have them. */
class FolderLayoutTest {
  private static final DataOptions OPTIONS = DataOptions.of(1).withResolution(8);

  @TempDir Path folder;
  private int made;

  @Test
  void capitalSplits_areSplits() throws IOException {
    fill("Train/cat", 9);
    fill("Train/dog", 9);
    fill("Test/cat", 3);
    fill("Test/dog", 3);
    DataSet data = load().data();
    assertThat(data.classes()).containsExactly("cat", "dog");
    assertThat(data.test().size()).isEqualTo(6);
  }

  @Test
  void allThreeSplits_areUsedAsGiven() throws IOException {
    for (String name : List.of("cat", "dog")) {
      fill("training/" + name, 8);
      fill("valid/" + name, 2);
      fill("testing/" + name, 3);
    }
    DataSet data = load().data();
    assertThat(data.train().size()).isEqualTo(16);
    assertThat(data.validation().size()).isEqualTo(4);
    assertThat(data.test().size()).isEqualTo(6);
  }

  @Test
  void nestedSplitsWithCommonWords_areSplits() throws IOException {
    for (String name : List.of("cat", "dog")) {
      fill("archive/pets_train/pets_train/" + name, 8);
      fill("archive/pets_test/pets_test/" + name, 3);
    }
    assertThat(load().data().classes()).containsExactly("cat", "dog");
    assertThat(load().data().test().size()).isEqualTo(6);
  }

  @Test
  void trainAsAClass_staysAClass() throws IOException {
    fill("train", 9);
    fill("bus", 9);
    LoadedData loaded = load();
    assertThat(loaded.data().classes()).containsExactly("bus", "train");
    assertThat(loaded.report().warnings()).anyMatch(text -> text.contains("named like a split"));
  }

  @Test
  void classesAboveSplits_areRead() throws IOException {
    for (String name : List.of("cat", "dog")) {
      fill(name + "/train", 8);
      fill(name + "/test", 3);
    }
    DataSet data = load().data();
    assertThat(data.classes()).containsExactly("cat", "dog");
    assertThat(data.test().size()).isEqualTo(6);
  }

  @Test
  void hiddenAndSystemFolders_areNoData_butCounted() throws IOException {
    fill("a", 9);
    fill("b", 9);
    fill("b/.ipynb_checkpoints", 3);
    fill(".ipynb_checkpoints", 2);
    fill("__MACOSX/b", 4);
    fill("b/@eaDir", 1);
    Files.writeString(folder.resolve("b/notes.txt"), "x");
    Files.writeString(folder.resolve("a/Thumbs.db"), "x");
    Files.writeString(folder.resolve("a/._1.png"), "x");
    LoadedData loaded = load();
    assertThat(loaded.data().classes()).containsExactly("a", "b");
    assertThat(total(loaded.data())).isEqualTo(18);
    assertThat(loaded.report().skipped())
        .containsEntry("in '.ipynb_checkpoints' folders", 5)
        .containsEntry("in '__MACOSX' folders", 4)
        .containsEntry("in '@eaDir' folders", 1)
        .containsEntry("hidden and system files", 2)
        .containsEntry(".txt files", 1);
  }

  @Test
  void linkThatLeadsBack_isPassedOver_andBrokenLinkIsNamed() throws IOException {
    fill("a", 9);
    fill("b", 9);
    Files.createSymbolicLink(folder.resolve("a/again"), folder.resolve("a"));
    assertThat(load().report().skipped())
        .containsEntry("links that lead back to a folder above them", 1);
    Files.createSymbolicLink(folder.resolve("b/gone.png"), folder.resolve("nowhere.png"));
    assertThatThrownBy(this::load)
        .hasMessageContaining("gone.png")
        .hasMessageContaining("a link to a file that is not there");
  }

  @Test
  void unicodeNames_areClasses_composedOrNot() throws IOException {
    fill("猫", 9);
    fill("狗", 9);
    fill("cafe\u0301", 9);
    assertThat(load().data().classes()).containsExactly("café", "狗", "猫");
  }

  @Test
  void spellingOfClasses_mayDifferInCase_andIsSaid() throws IOException {
    fill("train/Cat", 9);
    fill("train/Dog", 9);
    fill("test/cat", 2);
    fill("test/dog", 2);
    assertThat(load().report().warnings()).anyMatch(text -> text.contains("taken for class 'Cat'"));
  }

  @Test
  void loosePicturesBesideSplits_areSaid() throws IOException {
    for (String name : List.of("cat", "dog")) {
      fill("train/" + name, 8);
    }
    fill("test", 5);
    assertThat(load().report().warnings())
        .anyMatch(text -> text.contains("5 pictures in 'test' are not used"));
  }

  @Test
  void twoFoldersForOneSplit_areRefused() throws IOException {
    fill("train/a", 5);
    fill("Training/a", 5);
    assertThatThrownBy(this::load).hasMessageContaining("both").hasMessageContaining("Training");
  }

  @Test
  void duplicates_areCountedWithinAndAcrossSplits_alsoWhenResavedOrContradicting()
      throws IOException {
    fill("train/a", 10);
    fill("train/b", 10);
    fill("test/a", 3);
    fill("test/b", 3);
    copy("train/a/0.png", "train/a/again.png");
    copy("train/b/1.png", "test/b/same.png");
    copy("train/a/2.png", "train/b/other.png");
    BufferedImage resaved = ImageIO.read(folder.resolve("train/a/3.png").toFile());
    ImageIO.write(resaved, "jpg", folder.resolve("test/a/resaved.jpg").toFile());
    Duplicates found =
        DataSets.open("folder:" + folder, OPTIONS.withResolution(32), Progress.none())
            .report()
            .duplicates();
    assertThat(found.withinSplits() + found.acrossSplits()).isEqualTo(3);
    assertThat(found.acrossSplits()).isGreaterThanOrEqualTo(1);
    assertThat(found.nearWithinSplits() + found.nearAcrossSplits()).isEqualTo(1);
    assertThat(found.contradicting()).isEqualTo(1);
  }

  @Test
  void tidyFolder_saysNothing() throws IOException {
    fill("a", 40);
    fill("b", 40);
    assertThat(load().report().warnings()).isEmpty();
    assertThat(load().report().skipped()).isEmpty();
  }

  @Test
  void unevenClasses_areSaid() throws IOException {
    fill("a", 60);
    fill("b", 30);
    assertThat(load().report().warnings())
        .anyMatch(text -> text.contains("uneven, from 20") && text.contains("to 42"));
  }

  private LoadedData load() {
    return DataSets.open("folder:" + folder, OPTIONS, Progress.none());
  }

  private static int total(DataSet data) {
    return data.train().size() + data.validation().size() + data.test().size();
  }

  private void copy(String from, String to) throws IOException {
    Files.copy(folder.resolve(from), folder.resolve(to));
  }

  /** Pictures of random soft blobs: all differ, and stay alike when they are saved again. */
  private void fill(String name, int count) throws IOException {
    Path directory = Files.createDirectories(folder.resolve(name));
    for (int i = 0; i < count; i++) {
      Random random = new Random(++made);
      BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
      List<double[]> blobs = new ArrayList<>();
      for (int b = 0; b < 4; b++) {
        blobs.add(random.doubles(5).toArray());
      }
      for (int k = 0; k < 1024; k++) {
        double[] rgb = new double[3];
        for (double[] blob : blobs) {
          double far =
              Math.hypot(k % 32 - 32 * blob[0], k / 32.0 - 32 * blob[1]) / (4 + 8 * blob[2]);
          rgb[(int) (3 * blob[3])] += Math.exp(-far * far);
        }
        image.setRGB(
            k % 32,
            k / 32,
            new Color(
                    (float) Math.min(1, rgb[0]),
                    (float) Math.min(1, rgb[1]),
                    (float) Math.min(1, rgb[2]))
                .getRGB());
      }
      ImageIO.write(image, "png", directory.resolve(i + ".png").toFile());
    }
  }
}
