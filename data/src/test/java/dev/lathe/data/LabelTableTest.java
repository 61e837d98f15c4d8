package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of labels as people have them. */
class LabelTableTest {
  private static final DataOptions OPTIONS = DataOptions.of(1).withResolution(8);

  @TempDir Path folder;
  private Path table;

  @BeforeEach
  void draw() throws IOException {
    table = folder.resolve("labels.csv");
    for (int i = 0; i < 20; i++) {
      NoisePictures.write(folder.resolve("photos/%02d.png".formatted(i)), 10, 9, i);
    }
  }

  private LoadedData load(String... lines) throws IOException {
    Files.write(table, Arrays.asList(lines), StandardCharsets.UTF_8);
    return DataSets.open("csv:" + table, OPTIONS, Progress.none());
  }

  /** A row for each picture, even ones cats. */
  private static String[] rows(String first, String pattern) {
    String[] lines = new String[21];
    lines[0] = first;
    for (int i = 0; i < 20; i++) {
      lines[i + 1] = pattern.formatted(i, i % 2 == 0 ? "cat" : "dog", i < 14 ? "Train" : "testing");
    }
    return lines;
  }

  @Test
  void namedColumns_areFoundWhateverTheirOrder() throws IOException {
    DataSet data = load(rows("breed;x;Image Path", "%2$s;7;photos/%1$02d.png")).data();
    assertThat(data.classes()).containsExactly("cat", "dog");
    assertThat(data.train().size() + data.validation().size() + data.test().size()).isEqualTo(20);
  }

  @Test
  void splits_areKept() throws IOException {
    DataSet data = load(rows("file,label,split", "photos/%02d.png,%s,%s")).data();
    assertThat(data.test().size()).isEqualTo(6);
    assertThat(data.train().size() + data.validation().size()).isEqualTo(14);
  }

  @Test
  void rowsWithoutNames_areTakenAsFileAndLabel() throws IOException {
    String[] lines = rows("", "\"photos/%02d.png\",\"%s\"");
    DataSet data = load(Arrays.copyOfRange(lines, 1, lines.length)).data();
    assertThat(data.classes()).containsExactly("cat", "dog");
  }

  @Test
  void namesWithoutFolderAndEnding_areFoundBelow() throws IOException {
    assertThat(load(rows("\uFEFFid,breed", "%02d,%s")).data().classes()).contains("cat");
  }

  @Test
  void missingFiles_areListedAtOnceAndCanBePassedOver() throws IOException {
    String[] lines = rows("file,label", "photos/%02d.png,%s");
    lines[3] = "photos/none.png,cat";
    lines[4] = "http://example.org/1.jpg,dog";
    assertThatThrownBy(() -> load(lines))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("'photos/none.png' in line 4 of labels.csv is not there")
        .hasMessageContaining("is an address")
        .hasMessageContaining("--skip-bad");
    LoadedData loaded =
        DataSets.open("csv:" + table, OPTIONS.skippingUnreadable(true), Progress.none());
    assertThat(loaded.report().unreadable()).hasSize(2);
  }

  @Test
  void contradictingRows_areRefused() throws IOException {
    String[] lines = rows("file,label", "photos/%02d.png,%s");
    lines[3] = "photos/00.png,dog";
    assertThatThrownBy(() -> load(lines))
        .hasMessageContaining("line 4 names 'photos/00.png' once more, as 'dog' instead of 'cat'");
  }

  @Test
  void unknownColumns_areNamed() {
    assertThatThrownBy(() -> load("file,width,height", "photos/00.png,1,2"))
        .hasMessageContaining("its columns (file, width, height) have no labels");
  }

  @Test
  void aFolderOfTables_mayNameNothingOutside() throws IOException {
    Path outside = folder.resolveSibling("outside-" + folder.getFileName() + ".png");
    NoisePictures.write(outside, 8, 8, 1);
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Files.createSymbolicLink(inner.resolve("link.png"), outside);
    try {
      Files.writeString(
          inner.resolve("a.csv"), "file,label\n%s,cat\nlink.png,dog".formatted(outside));
      assertThatThrownBy(() -> DataSets.open("csv:" + inner, OPTIONS, Progress.none()))
          .hasMessageContaining("none of the 2 pictures")
          .hasMessageContaining("lies outside of the table's folder");
    } finally {
      Files.delete(outside);
    }
  }

  @Test
  void tablesNamedLikeSplits_divide() throws IOException {
    Files.writeString(folder.resolve("train.csv"), "file,label\n" + lines(0, 14));
    Files.writeString(folder.resolve("test.csv"), "file,label\n" + lines(14, 20));
    DataSet data = DataSets.open("csv:" + folder, OPTIONS, Progress.none()).data();
    assertThat(data.test().size()).isEqualTo(6);
  }

  private static String lines(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append("photos/%02d.png,%s%n".formatted(i, i % 2 == 0 ? "cat" : "dog"));
    }
    return text.toString();
  }
}
